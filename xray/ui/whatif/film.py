"""The film of the What if page: covered regions, the changed film, undo and redo, analysis."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import streamlit as st

from xray.geometry import Affine
from xray.imaging.transforms import downsampled
from xray.render.overlay import windowed
from xray.types import Case, Pixels, Radiograph
from xray.ui.common.escaping import literal
from xray.ui.common.links import link_button
from xray.ui.session import session
from xray.ui.viewer import draw_rectangles
from xray.ui.whatif.charts import CHANGED, CONTROL
from xray.ui.whatif.state import (
    changed_film,
    choose_cover,
    cover_by_numbers,
    go_to,
    history_of,
    keep_history,
    open_changed,
    worked_on,
)
from xray.whatif.changes import CHANGES
from xray.whatif.cover import COVERS, boxes_of
from xray.whatif.state import State

OUTLINES = {CHANGED: (232, 163, 61), CONTROL: (86, 180, 233)}
SHOWN = 640  # longer side of the changed film on the page, in pixels
SIDES = ("Left", "Top", "Right", "Bottom")


def region(case: Case, film: Radiograph) -> None:
    """Show a canvas for boxes to cover, and the choice of how they are covered."""
    st.markdown(
        "**Draw a box to cover it**", help="Several boxes are possible; the bin above the film removes them."
    )
    state = session().whatif
    key = f"what-if canvas:{film.sha256}:{state.canvas}"
    boxes = boxes_of(draw_rectangles(film, key), film.pixels.shape)
    canvas, before = state.canvas_boxes
    if boxes != (before if canvas == key else ()):
        history = history_of(case)
        keep_history(case, history.then(replace(history.now, covered=boxes)))
    state.canvas_boxes = key, boxes
    now = history_of(case).now
    st.session_state["what-if cover"] = now.cover
    st.selectbox(
        "Covered by",
        list(COVERS),
        format_func=str.capitalize,
        key="what-if cover",
        on_change=choose_cover,
        args=(case,),
        help="Inpainting leaves no edges to which a network could react; the mean and noise do.",
    )
    with st.container(horizontal=True, gap="small"):
        with st.popover("By numbers", icon=":material/straighten:"):
            by_numbers(case, film, now)
        if now.covered:
            uncovered = history_of(case).then(replace(now, covered=()))
            st.button(
                "Uncover",
                icon=":material/ink_eraser:",
                key="what-if uncover",
                on_click=go_to,
                args=(case, uncovered),
            )


def by_numbers(case: Case, film: Radiograph, state: State) -> None:
    """A form for the corners of a box, as an alternative to drawing."""
    height, width = film.pixels.shape
    middle = width // 3, height // 3, 2 * width // 3, 2 * height // 3
    box = state.covered[0] if state.covered else middle
    with st.form("what-if numbers", border=False):
        for name, value, longest in zip(SIDES, box, (width, height) * 2, strict=True):
            st.session_state[f"what-if {name.lower()}"] = value
            st.number_input(f"{name} (px)", 0, longest, key=f"what-if {name.lower()}")
        st.form_submit_button("Cover", on_click=cover_by_numbers, args=(case,))


def pictures(case: Case, state: State, elsewhere: State | None) -> None:
    """Show the changed film or the control, with outlines of the covered boxes."""
    shown, film = CHANGED, worked_on(case)
    st.markdown("**Changed film**" + (" :gray-badge[simulated]" if film.simulated else ""))
    if elsewhere:
        shown = st.segmented_control(
            "Shown", [CHANGED, CONTROL], default=CHANGED, required=True, label_visibility="collapsed"
        )
    seen = changed_film(case, elsewhere if elsewhere and shown == CONTROL else state)
    picture = np.dstack([windowed(downsampled(seen, SHOWN).pixels)] * 3)
    for covering, color in ((state, OUTLINES[CHANGED]), (elsewhere or State(), OUTLINES[CONTROL])):
        lines = outlines(covering, film, picture.shape[:2])
        picture = np.rint(picture + lines * (color - picture)).astype(np.uint8)
    st.image(picture, width="stretch", output_format="PNG", alt=f"{film.name}, {shown.lower()}")
    st.caption(literal("; ".join(state.descriptions)) or "No changes yet.")
    if state.covered and not elsewhere:
        st.caption(":material/info: The body has no room for a control region of equal area.")


def outlines(state: State, film: Radiograph, shape: tuple[int, ...]) -> Pixels:
    """Coverage of each pixel (h, w, 1) by outlines of the covered boxes, moved together with the body."""
    lines = np.zeros(shape, np.float32)
    to_picture = Affine.stretch(film.pixels.shape, (shape[0], shape[1]))
    for box in state.covered:
        first, last = np.rint(to_picture.apply(np.array(box, float).reshape(2, 2))).astype(int).tolist()
        cv2.rectangle(lines, first, [side - 1 for side in last], 1.0, max(1, max(shape) // 250))
    for name, value in state.values:
        lines = CHANGES[name](lines, value) if CHANGES[name].moves else lines
    return lines[..., None]


def steps(case: Case) -> None:
    """Show undo, redo and reset, and a button that analyzes the changed film."""
    history = history_of(case)
    with st.container(horizontal=True, gap="small"):
        for label, icon, to, possible in (
            ("Undo", "undo", history.undone(), history.can_undo),
            ("Redo", "redo", history.redone(), history.can_redo),
            ("Reset", "restart_alt", history.then(State()), history.now != State()),
        ):
            st.button(
                label,
                icon=f":material/{icon}:",
                disabled=not possible,
                key=f"what-if {label.lower()}",
                on_click=go_to,
                args=(case, to),
            )
        if st.button(
            "Analyze changed film",
            icon=":material/radiology:",
            disabled=not history.now.descriptions,
            key="what-if analyze",
            help="Open the changed film on the Analyze page, with a note of the changes.",
        ):
            open_changed(case, history.now)
            st.switch_page("pages/analyze.py")
        link_button()
