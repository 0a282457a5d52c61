"""The What-if page: a film, what is done to it, and what that does to the answer."""

from __future__ import annotations

import streamlit as st

from xray.types import Case, Prediction
from xray.ui.analyze.view import case_notices
from xray.ui.common.charts import FEW
from xray.ui.whatif.charts import CHANGED, CONTROL, ORIGINAL, answers_chart, response_chart
from xray.ui.whatif.film import pictures, region, steps
from xray.ui.whatif.flip import flip_panel
from xray.ui.whatif.state import (
    AXIS,
    answer,
    control,
    curve,
    entered,
    fresh_canvas,
    history_of,
    move,
    slider_key,
    worked_on,
)
from xray.whatif.changes import CHANGES
from xray.whatif.state import State

ROW = 2  # sliders
FINDING = "what-if finding"


@st.fragment
def what_if(case: Case) -> None:
    """Everything below the thumbnails; a slider reruns this alone."""
    case_notices(case)
    if entered():
        fresh_canvas()
    film = worked_on(case)
    bar = st.container()
    place, changed, answers = st.columns([4, 4, 5], gap="medium")
    with place:
        region(case, film)
    with bar:
        steps(case)
    state = history_of(case).now
    elsewhere = control(case, state)
    with changed:
        pictures(case, state, elsewhere)
        sliders(case, state)
    with answers:
        finding, now = answers_panel(case, state, elsewhere)
        response_panel(case, state, now, finding)
    st.divider()
    flip_panel(case, finding)


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


def answers_panel(case: Case, state: State, elsewhere: State | None) -> tuple[str, Prediction]:
    """Every finding as it was, changed and with the control; the finding looked at, and what is said now."""
    st.markdown(
        "**What the model says**",
        help="Each with the interval in which the probability moves when the film is changed a little; the "
        "white line is the operating point. The control is as much covered elsewhere on the body.",
    )
    states = {ORIGINAL: State()} | ({CHANGED: state} if state.descriptions else {})
    states |= {CONTROL: elsewhere} if elsewhere else {}
    with st.spinner("Asking the model …"):
        answered = {name: answer(case, one) for name, one in states.items()}
    said = {name: one.prediction for name, one in answered.items()}
    finding = chosen_finding(said[ORIGINAL])
    told = sentence(said, finding)
    st.plotly_chart(
        answers_chart(said), config={"displayModeBar": False}, alt=told, key="what-if answers chart"
    )
    st.markdown(told)
    now = answered.get(CHANGED, answered[ORIGINAL])
    if CHANGED in said and not now.gate.accepted:
        st.caption(f":material/front_hand: The input gate refuses the film changed: {now.gate.reason}")
    with st.expander("All values as text"):
        st.table(
            {"Finding": list(said[ORIGINAL].findings)}
            | {name: [value(one, finding) for finding in one.findings] for name, one in said.items()}
        )
    return finding, now.prediction


def chosen_finding(said: Prediction) -> str:
    key = f"{FINDING}:{said.model_id}"
    if len(said.findings) <= FEW:
        return st.segmented_control(
            "Finding",
            said.findings,
            default=said.most_likely,
            required=True,
            key=key,
            persist_state="session",
        )
    likely = said.findings.index(said.most_likely)
    return st.selectbox("Finding", said.findings, index=likely, key=key, persist_state="session")


def value(said: Prediction, finding: str) -> str:
    index = said.findings.index(finding)
    low, high = said.bounds[index]
    return f"{said.probabilities[index]:.2%} ({low:.1%} to {high:.1%})"


def sentence(said: dict[str, Prediction], finding: str) -> str:
    """A finding as it was, changed and with the control, and whether the answer flips."""
    was, now = said[ORIGINAL], said.get(CHANGED, said[ORIGINAL])
    point = f"its operating point of {now.thresholds[now.findings.index(finding)]:.2%}"
    if now is was:
        return f"{finding}: {value(was, finding)}, {was.side(finding)} {point}."
    told = f"{finding}: {value(was, finding)} as it was, {value(now, finding)} changed"
    if CONTROL in said:
        told += f", {value(said[CONTROL], finding)} with the control covered instead"
    flipped = now.at_operating_point(finding) != was.at_operating_point(finding)
    return f"{told}. {'It is now' if flipped else 'It stays'} {now.side(finding)} {point}."


def response_panel(case: Case, state: State, now: Prediction, finding: str) -> None:
    """The whole response of one finding to one change, everything else as it is."""
    name = st.selectbox(
        f"How {finding} responds to",
        list(CHANGES),
        format_func=lambda name: CHANGES[name].title,
        help="Follows the slider moved last.",
        key=AXIS,
        persist_state="session",
    )
    with st.spinner("Asking over the whole range …"):
        told = curve(case, state, name)
    alt = f"{finding} over {CHANGES[name].named}"
    st.plotly_chart(
        response_chart(told, state.value(name), now, finding),
        config={"displayModeBar": False},
        alt=alt,
        key="what-if response",
    )
