"""The What-if page: a film, what is done to it, and what that does to the answer."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import streamlit as st

from xray.explain.overlay import RGB
from xray.types import Case, Pixels, Prediction, Radiograph
from xray.ui.canvas import drawn
from xray.ui.charts import FEW
from xray.ui.kept import give_back, keep
from xray.ui.pictures import film_picture, reduced
from xray.ui.results import what_to_know
from xray.ui.text import literal
from xray.ui.whatif_charts import CHANGED, COLORS, CONTROL, ORIGINAL, answers_chart, response_chart
from xray.ui.whatif_flip import flip_panel
from xray.ui.whatif_state import (
    AXIS,
    answer,
    choose_cover,
    curve,
    entered,
    fresh_canvas,
    go_to,
    history_of,
    keep_history,
    move,
    open_changed,
    slider_key,
    worked_on,
)
from xray.whatif.changes import CHANGES
from xray.whatif.cover import COVERS, boxes_of
from xray.whatif.state import State, applied, control_of

SHOWN, ROW = 640, 5  # pixels a side of the changed film; sliders in a row
FINDING = "what-if finding"


@st.fragment
def what_if(case: Case) -> None:
    """Everything below the thumbnails; a slider reruns this alone."""
    what_to_know(case)
    if entered():
        fresh_canvas()
    film = worked_on(case)
    place, changed, answers = st.columns([4, 4, 5], gap="medium")
    with place:
        region(case, film)
    history = history_of(case)
    state = history.now
    control = control_of(film, state)
    with changed:
        pictures(film, state, control)
        steps(case)
    sliders(case, state)
    with answers:
        finding, now = answers_panel(case, state, control)
    st.divider()
    response_column, flip_column = st.columns([5, 4], gap="large")
    with flip_column:
        flip_panel(case, finding)
    with response_column:
        response_panel(case, state, now, finding)


def region(case: Case, film: Radiograph) -> None:
    """A canvas to box what is covered, and how it is covered."""
    st.markdown("**Draw a box to cover it**", help="Hold Shift for several.")
    key = f"what-if canvas:{film.sha256}:{st.session_state['what-if canvas']}"
    boxes = boxes_of(drawn(film, key), film.pixels.shape)
    if boxes != st.session_state["what-if drawn"]:
        st.session_state["what-if drawn"] = boxes
        history = history_of(case)
        keep_history(case, history.then(replace(history.now, covered=boxes)))
    st.session_state["what-if cover"] = history_of(case).now.cover
    st.segmented_control(
        "Covered by",
        list(COVERS),
        format_func=str.capitalize,
        required=True,
        key="what-if cover",
        on_change=choose_cover,
        args=(case,),
        help="Blur and inpainting leave no edges that a network could react to; a mean and noise do.",
    )


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


def sliders(case: Case, state: State) -> None:
    names = list(CHANGES)
    for start in range(0, len(names), ROW):
        for column, name in zip(st.columns(ROW), names[start : start + ROW], strict=False):
            change = CHANGES[name]
            st.session_state[slider_key(name)] = state.value(name)
            column.slider(
                change.title,
                float(change.low),
                float(change.high),
                step=float(change.step),
                format=f"%g{change.unit.replace('%', '%%')}",
                help=change.help,
                key=slider_key(name),
                on_change=move,
                args=(case, name),
            )


def answers_panel(case: Case, state: State, control: State | None) -> tuple[str, Prediction]:
    """Every finding as it was, changed and with the control; the finding looked at, and what is said now."""
    st.markdown(
        "**What the model says**",
        help="Each with the interval in which the probability moves when the film is changed a little; the "
        "white line is the operating point. The control is as much covered elsewhere on the body.",
    )
    states = {ORIGINAL: State(), CHANGED: state} | ({CONTROL: control} if control else {})
    with st.spinner("Asking the model …"):
        answered = {name: answer(case, one) for name, one in states.items()}
    said = {name: one.prediction for name, one in answered.items()}
    finding = chosen_finding(said[ORIGINAL])
    told = sentence(said, finding)
    st.plotly_chart(
        answers_chart(said), config={"displayModeBar": False}, alt=told, key="what-if answers chart"
    )
    st.markdown(told)
    if not answered[CHANGED].gate.accepted:
        st.caption(f":material/front_hand: The input gate refuses this film: {answered[CHANGED].gate.reason}")
    with st.expander("All values as text"):
        st.table(
            {"Finding": list(said[ORIGINAL].findings)}
            | {name: [value(one, finding) for finding in one.findings] for name, one in said.items()}
        )
    return finding, said[CHANGED]


def chosen_finding(said: Prediction) -> str:
    key = f"{FINDING}:{said.model_id}"
    give_back(key, said.findings)
    if key not in st.session_state:
        st.session_state[key] = said.most_likely
    if len(said.findings) <= FEW:
        st.segmented_control("Finding", said.findings, required=True, key=key)
    else:
        st.selectbox("Finding", said.findings, key=key)
    keep(key)
    return str(st.session_state[key])


def value(said: Prediction, finding: str) -> str:
    index = said.findings.index(finding)
    low, high = said.intervals[index]
    return f"{said.probabilities[index]:.2%} ({low:.1%} to {high:.1%})"


def sentence(said: dict[str, Prediction], finding: str) -> str:
    """A finding as it was, changed and with the control, and whether the answer flips."""
    was, now = said[ORIGINAL], said[CHANGED]
    told = f"{finding}: {value(was, finding)} as it was, {value(now, finding)} changed"
    if CONTROL in said:
        told += f", {value(said[CONTROL], finding)} with the control covered instead"
    point = f"its operating point of {now.thresholds[now.findings.index(finding)]:.2%}"
    flipped = now.at_operating_point(finding) != was.at_operating_point(finding)
    return f"{told}. {'It is now' if flipped else 'It stays'} {now.side(finding)} {point}."


def response_panel(case: Case, state: State, now: Prediction, finding: str) -> None:
    """The whole response of one finding to one change, everything else as it is."""
    give_back(AXIS, CHANGES)
    name = st.selectbox(
        f"How {finding} responds to",
        list(CHANGES),
        format_func=lambda name: CHANGES[name].title,
        key=AXIS,
        help="Follows the slider moved last.",
    )
    keep(AXIS)
    with st.spinner("Asking over the whole range …"):
        told = curve(case, state, name)
    alt = f"{finding} over {CHANGES[name].named}"
    st.plotly_chart(
        response_chart(told, state.value(name), now, finding),
        config={"displayModeBar": False},
        alt=alt,
        key="what-if response",
    )
