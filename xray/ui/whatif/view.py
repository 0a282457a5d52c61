"""The What if page: changes of a film and their effect on the prediction."""

from __future__ import annotations

import streamlit as st

from xray.types import Case, Prediction
from xray.types.answer import percent
from xray.ui.common.cases import case_notices, chosen_finding
from xray.ui.common.charts import PLAIN
from xray.ui.common.escaping import literal
from xray.ui.common.messages import fragment
from xray.ui.whatif.charts import CHANGED, CONTROL, ORIGINAL, predictions_chart, response_chart, value
from xray.ui.whatif.film import pictures, region, steps
from xray.ui.whatif.flip import flip_panel
from xray.ui.whatif.state import (
    AXIS,
    control,
    curve,
    entered,
    fresh_canvas,
    history_of,
    move,
    predicted,
    slider_key,
    worked_on,
)
from xray.whatif.changes import CHANGES
from xray.whatif.state import State

ROW = 2  # sliders
FINDING = "what-if finding"


@fragment
def what_if(case: Case) -> None:
    """Show everything below the thumbnails. A slider reruns this fragment only."""
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
        finding, now = predictions_panel(case, state, elsewhere)
        response_panel(case, state, now, finding)
    st.divider()
    flip_panel(case, finding)


def sliders(case: Case, state: State) -> None:
    """Show a slider for each change."""
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


def predictions_panel(case: Case, state: State, elsewhere: State | None) -> tuple[str, Prediction]:
    """Show every finding original, changed and with the control; return the chosen finding and prediction."""
    st.markdown(
        "**Model predictions**",
        help="Each value has the interval of the probability under small changes of the film; the white line "
        "marks the operating point. The control covers an equal area elsewhere on the body.",
    )
    states = {ORIGINAL: State()} | ({CHANGED: state} if state.descriptions else {})
    states |= {CONTROL: elsewhere} if elsewhere else {}
    with st.spinner("Computing predictions …"):
        results = {name: predicted(case, changed) for name, changed in states.items()}
    predictions = {name: result.prediction for name, result in results.items()}
    finding = chosen_finding(case, FINDING)
    description = sentence(predictions, finding)
    st.plotly_chart(
        predictions_chart(predictions),
        config=PLAIN,
        alt=description,
        key="what-if answers chart",
    )
    st.markdown(literal(description))
    now = results.get(CHANGED, results[ORIGINAL])
    if CHANGED in predictions and not now.gate.accepted:
        st.caption(
            f":material/front_hand: The input gate refuses the changed film: {literal(now.gate.reason)}"
        )
    with st.expander("All values as text"):
        st.table(
            {"Finding": list(map(literal, predictions[ORIGINAL].findings))}
            | {
                name: [value(prediction, finding) for finding in prediction.findings]
                for name, prediction in predictions.items()
            }
        )
    return finding, now.prediction


def sentence(predictions: dict[str, Prediction], finding: str) -> str:
    """Describe the original, changed and control values of a finding, and whether the answer flips."""
    was, now = predictions[ORIGINAL], predictions.get(CHANGED, predictions[ORIGINAL])
    point = f"its operating point of {percent(now.thresholds[now.findings.index(finding)])}"
    if now is was:
        return f"{finding}: {value(was, finding)}, {was.side(finding)} {point}."
    values = f"{finding}: original {value(was, finding)}, changed {value(now, finding)}"
    if CONTROL in predictions:
        values += f", control {value(predictions[CONTROL], finding)}"
    flipped = now.at_operating_point(finding) != was.at_operating_point(finding)
    return f"{values}. {'It is now' if flipped else 'It stays'} {now.side(finding)} {point}."


def response_panel(case: Case, state: State, now: Prediction, finding: str) -> None:
    """Show the response of one finding over the range of one change, with all other changes fixed."""
    name = st.selectbox(
        f"How {literal(finding)} responds to",
        list(CHANGES),
        format_func=lambda name: CHANGES[name].title,
        help="Follows the slider that was moved last.",
        key=AXIS,
        persist_state="session",
    )
    with st.spinner("Computing the response …"):
        response = curve(case, state, name)
    alt = f"{finding} over {CHANGES[name].named}"
    st.plotly_chart(
        response_chart(response, state.value(name), now, finding),
        config=PLAIN,
        alt=alt,
        key="what-if response",
    )
