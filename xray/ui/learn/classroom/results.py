"""Result of a film for the class: marks, map and reference side by side, and the distribution of answers."""

from __future__ import annotations

import streamlit as st

from xray.learn.classroom.room import Classroom
from xray.learn.classroom.statistics import Crowd, Outcome, marks_heatmap
from xray.learn.scores import Score, absent
from xray.learn.why import why_reference
from xray.types import Case
from xray.types.answer import percent
from xray.ui.common.charts import PLAIN
from xray.ui.common.escaping import literal
from xray.ui.learn.classroom.charts import answers_chart
from xray.ui.learn.classroom.pictures import map_picture, marks_picture, reference_picture
from xray.ui.learn.reveal import score_values
from xray.wording import counted

HOW = (
    "**Class**: the answer of the majority and the mean of the stated probabilities. **Hit**: the place that "
    "most marks cover, or the maximum of the model's map, lies in the reference box. **IoU**: intersection "
    "over union of the reference box and the region that at least half as many marks cover, or the region of "
    "the map above half of its maximum. **Brier**: squared difference between the probability and the truth; "
    "0 is best, and a guess of 50% gets 0.25."
)


def results(room: Classroom, case: Case | None, refusal: str) -> None:
    """Show the result of the current film.

    Args:
        room: The class, in the phase revealed.
        case: The analyzed film; None if the input gate refuses it.
        refusal: Why it is refused.
    """
    outcome, film = room.stage.outcome, room.stage.film
    if outcome is None or film is None:
        return
    question, truth = room.question, outcome.reference.boxes
    shown = literal(outcome.reference.title(question.finding))
    marks, model, reference = st.columns(3, gap="small")
    with marks:
        counts = marks_heatmap(outcome.marks, film.pixels.shape)
        st.markdown(f"**The class: {len(outcome.marks)} marks, at most {counts.max():.0f} on one place**")
        st.image(marks_picture(film, outcome.marks, truth), alt="Film with the marks of the class")
    with model:
        if case is None:
            st.markdown("**The model**")
            st.warning(literal(refusal), icon=":material/front_hand:")
        else:
            score = outcome.model
            called = literal(question.finding if score and score.present else absent(question.finding))
            stated = f", {percent(score.probability)}" if score else ""
            st.markdown(f"**The model: {called}{stated}**")
            picture = map_picture(case, question.model_finding, truth)
            st.image(picture, alt=f"Film with the heatmap for {question.model_finding}")
    with reference:
        st.markdown(f"**The reference: {shown}**")
        st.image(
            reference_picture(film, truth),
            alt=f"Film with {counted(len(truth), 'box', 'boxes')} of the reference",
        )
    place = " Green: the reference." if len(truth) else ""
    st.caption(literal(why_reference(outcome.reference)) + place)
    chart, table = st.columns([3, 2], gap="medium", vertical_alignment="center")
    with chart:
        st.plotly_chart(answers_chart(outcome), config=PLAIN, key="class answers", alt="Answers of the class")
    with table:
        comparison(outcome)


def comparison(outcome: Outcome) -> None:
    """Show the scores of the class and the model, and how many students are right."""
    st.markdown("**The class and the model**", help=HOW)
    st.table(
        {
            " ": ["Answer", "Probability", "Correct", "Hit", "IoU", "Brier"],
            "Class": score_column(outcome.crowd, outcome.finding),
            "Model": score_column(outcome.model, outcome.finding),
        }
    )
    scores = outcome.students.values()
    right = sum(score.correct for score in scores)
    text = f"{right} of {len(scores)} students are correct."
    if outcome.reference.has_place:
        hits = sum(bool(score.hit) for score in scores)
        text += f" {hits} of {len(outcome.marks)} marks have their center in the reference box."
    st.caption(text)


def score_column(score: Score | Crowd | None, finding: str) -> list[str]:
    """Format the scores of a reader as a column of the table; dashes without a score."""
    if score is None:
        return ["–"] * 6
    if isinstance(score, Crowd):
        present = score.majority
        share = f": {score.positive if present else score.answered - score.positive} of {score.answered}"
    else:
        present, share = score.present, ""
    answer = "Tie" if present is None else literal(finding if present else absent(finding))
    return [answer + share, *score_values(score)]
