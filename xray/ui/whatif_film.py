"""The film of the What-if page: drawn on, covered, changed, taken back, sent on."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import streamlit as st

from xray.explain.overlay import RGB
from xray.types import Case, Pixels, Radiograph
from xray.ui.canvas import drawn
from xray.ui.pictures import film_picture, reduced
from xray.ui.text import literal
from xray.ui.whatif_charts import CHANGED, COLORS, CONTROL
from xray.ui.whatif_state import (
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
from xray.whatif.state import State, applied

SHOWN = 640  # pixels a side of the changed film
SIDES = ("Left", "Top", "Right", "Bottom")


def region(case: Case, film: Radiograph) -> None:
    """A canvas to box what is covered, and how it is covered."""
    st.markdown("**Draw a box to cover it**", help="Hold Shift for several; double-click to remove them.")
    key = f"what-if canvas:{film.sha256}:{st.session_state['what-if canvas']}"
    boxes = boxes_of(drawn(film, key), film.pixels.shape)
    canvas, before = st.session_state.get("what-if drawn", ("", ()))
    if boxes != (before if canvas == key else ()):
        history = history_of(case)
        keep_history(case, history.then(replace(history.now, covered=boxes)))
    st.session_state["what-if drawn"] = key, boxes
    state = history_of(case).now
    st.session_state["what-if cover"] = state.cover
    st.selectbox(
        "Covered by",
        list(COVERS),
        format_func=str.capitalize,
        key="what-if cover",
        on_change=choose_cover,
        args=(case,),
        help="Inpainting leaves no edges that a network could react to; a mean and noise do.",
    )
    with st.container(horizontal=True, gap="small"):
        with st.popover("By numbers", icon=":material/straighten:"):
            by_numbers(case, film, state)
        if state.covered:
            uncovered = history_of(case).then(replace(state, covered=()))
            st.button(
                "Uncover",
                icon=":material/ink_eraser:",
                key="what-if uncover",
                on_click=go_to,
                args=(case, uncovered),
            )


def by_numbers(case: Case, film: Radiograph, state: State) -> None:
    """A box for whom drawing does not suit."""
    height, width = film.pixels.shape
    middle = width // 3, height // 3, 2 * width // 3, 2 * height // 3
    box = state.covered[0] if state.covered else middle
    with st.form("what-if numbers", border=False):
        for name, value, longest in zip(SIDES, box, (width, height) * 2, strict=True):
            st.session_state[f"what-if {name.lower()}"] = value
            st.number_input(f"{name} (px)", 0, longest, key=f"what-if {name.lower()}")
        st.form_submit_button("Cover", on_click=cover_by_numbers, args=(case,))


def pictures(film: Radiograph, state: State, control: State | None) -> None:
    """The changed film, or the one with as much covered elsewhere; boxes are outlined."""
    shown = CHANGED
    st.markdown("**The film changed**" + (" :gray-badge[simulated]" if film.simulated else ""))
    if control:
        shown = st.segmented_control(
            "Shown", [CHANGED, CONTROL], default=CHANGED, required=True, label_visibility="collapsed"
        )
    picture = reduced(applied(film, control if control and shown == CONTROL else state), SHOWN)
    outlined = np.dstack([film_picture(picture)] * 3)
    for boxes, name in ((state, CHANGED), (control or State(), CONTROL)):
        lines = outlines(film, replace(state, covered=boxes.covered), outlined.shape[:2])
        outlined = np.rint(outlined + lines * (rgb(COLORS[name]) - outlined)).astype(np.uint8)
    st.image(outlined, width="stretch", output_format="PNG", alt=f"{film.name}, {shown.lower()}")
    st.caption(literal("; ".join(state.told)) or "Nothing is changed yet.")
    if state.covered and not control:
        st.caption(":material/info: No room on the body for a control of equal area.")


def outlines(film: Radiograph, state: State, shape: tuple[int, ...]) -> Pixels:
    """How much of each pixel (h, w, 1) is outline of a covered box, moved as the body was."""
    lines = np.zeros(film.pixels.shape, np.float32)
    for left, top, right, bottom in state.covered:
        cv2.rectangle(lines, (left, top), (right - 1, bottom - 1), 1.0, max(1, max(lines.shape) // 250))
    for name, value in state.values:
        lines = CHANGES[name](lines, value) if CHANGES[name].moves else lines
    return np.asarray(cv2.resize(lines, shape[1::-1], interpolation=cv2.INTER_AREA), np.float32)[..., None]


def rgb(color: str) -> RGB:
    return np.array([int(color[start : start + 2], 16) for start in (1, 3, 5)], np.uint8)


def steps(case: Case) -> None:
    """Back and forth, and the changed film sent to be analyzed."""
    history, film = history_of(case), worked_on(case)
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
            "Analyze it",
            icon=":material/radiology:",
            disabled=applied(film, history.now) is film,
            key="what-if analyze",
            help="Open the changed film on the Analyze page, with a note of what was done.",
        ):
            open_changed(case, history.now)
            st.switch_page("pages/analyze.py")
