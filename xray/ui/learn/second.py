"""The second answer: the reader sees the model, then keeps or revises the answer, before the reference."""

from __future__ import annotations

import streamlit as st

from xray.errors import RefusedRadiograph
from xray.learn.scores import Answer, absent
from xray.learn.second import SHOWN, TITLES, Revisions, Shown, grouped, shown_in_turn
from xray.train.metrics import share
from xray.ui.common.cases import case_of
from xray.ui.common.escaping import literal
from xray.ui.common.verdict import verdict_line
from xray.ui.learn.deck import Run
from xray.ui.learn.model import model_panel
from xray.ui.learn.why import verdict_on_map
from xray.ui.viewer import viewer

OFF, IN_TURN = "nothing", "in turn"
OPTIONS: dict[str, str] = {OFF: "Nothing"}
OPTIONS |= {shown: text.capitalize() for shown, text in TITLES.items()}
OPTIONS |= {IN_TURN: "In turn"}
HOW = (
    "Unless nothing is shown, you commit an answer, see the model, and keep or revise your answer; then "
    "the reference is shown. In turn shows each of the three equally often, to compare their effects."
)
HEADS = [" ", "Films", "Right to wrong (over-reliance)", "Wrong to right", "Shift toward the model"]


def shown_choice() -> str:
    """Show the switch for what the reader sees of the model before the second answer."""
    return st.segmented_control(
        "Before the reference, show of the model",
        list(OPTIONS),
        format_func=OPTIONS.__getitem__,
        default=OFF,
        required=True,
        key="second answer",
        persist_state="session",
        help=HOW,
    )


def shown_with(run: Run, number: int, choice: str) -> Shown | None:
    """What is shown of the model with a film; None if there is no second answer."""
    if choice == IN_TURN:
        return shown_in_turn(run.deck.seed, len(run.deck.questions))[number]
    return next((shown for shown in SHOWN if shown == choice), None)


def second_panel(run: Run, name: str, number: int) -> None:
    """Show the model with a film, not the reference, and the controls for the second answer."""
    question, (first, shown) = run.deck.questions[number], run.first_answers[number]
    film, _ = run.film(number)
    try:
        case = case_of(film, question.model_id)
    except RefusedRadiograph:  # there is no model to see
        run.answers[number] = first
        del run.first_answers[number]
        st.rerun()
    picture, controls = st.columns([5, 3], gap="medium")
    with picture:
        if shown == "answer":
            viewer(film, key="second")
        model_panel(case, question, [], with_map=shown != "answer", key="second map", height=None)
    with controls:
        st.markdown(f"**Film {number + 1} of {len(run.deck.questions)}.** You have seen the model.")
        answer = question.finding if first.present else absent(question.finding)
        st.caption(f"Your first answer: {literal(answer)}, {first.sure:.0%} sure.")
        if shown == "verdict":
            st.markdown(verdict_line(verdict_on_map(case, question.model_finding)))
        second = revised(run, name, number, first)
        keep, change = st.columns(2)
        keep.button(
            "Keep", icon=":material/lock:", width="stretch", on_click=settle, args=(run, number, first)
        )
        change.button(
            "Revise",
            type="primary",
            icon=":material/edit:",
            width="stretch",
            disabled=second == first,
            on_click=settle,
            args=(run, number, second),
        )
        st.caption("A mark stays where it is. The reference is shown afterwards.")


def revised(run: Run, name: str, number: int, first: Answer) -> Answer:
    """Show the controls for another answer and confidence, set to the first ones; return the answer."""
    finding = run.deck.questions[number].finding
    answer = st.segmented_control(
        "Your second answer",
        [finding, absent(finding)],
        format_func=literal,
        default=finding if first.present else absent(finding),
        required=True,
        key=f"second:{name}:{number}",
    )
    sure = st.slider(
        "How sure are you now?",
        50,
        100,
        round(100 * first.sure),
        5,
        format="%d%%",
        key=f"sure now:{name}:{number}",
    )
    present = answer == finding
    return Answer(present, sure / 100, first.mark if present else None)


def settle(run: Run, number: int, second: Answer) -> None:
    """Store the second answer; a third one is ignored."""
    run.answers.setdefault(number, second)


def revisions_table(run: Run) -> None:
    """Show how answers changed after the model was seen, by what was shown and by the verdict on the map."""
    groups = grouped(list(run.played.values()))
    if not groups:
        return
    st.markdown("**Second answers**", help=HOW)
    rows = [row(name, group) for name, group in groups.items()]
    st.table({head: [row[index] for row in rows] for index, head in enumerate(HEADS)})
    st.caption(
        "Counts with 95% intervals (Wilson). Shift: mean change of your probability toward the model's "
        "answer, in percentage points."
    )


def row(name: str, group: Revisions) -> list[str]:
    """Format a group as a row of the table."""
    shift = "–" if group.shift is None else f"{100 * group.shift:+.0f}"
    return [
        name,
        str(group.films),
        counted(group.right_to_wrong, group.first_right),
        counted(group.wrong_to_right, group.first_wrong),
        shift,
    ]


def counted(count: int, n: int) -> str:
    """Format a count of n with its 95% interval."""
    estimate = share(count, n)
    return f"{count} of {n} ({estimate.low:.0%} to {estimate.high:.0%})" if estimate else "–"
