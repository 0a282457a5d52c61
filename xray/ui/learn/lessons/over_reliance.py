"""Over-reliance: what studies measured, and the student's own second answers."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from xray.learn.deck import Played
from xray.learn.second import Revisions, revisions
from xray.ui.common.charts import AMBER, BLUE, MARK, NIGHT, PLAIN, SHARE, laid_out
from xray.ui.learn.lessons.lesson import Lesson
from xray.ui.learn.lessons.quiz import Quiz
from xray.ui.learn.second import counted
from xray.ui.session import session

STUDY = {  # readers of 50 mammograms (Dratsch et al. 2023): right if the AI was right, and if it was wrong
    "inexperienced": (0.797, 0.198),
    "moderately experienced": (0.813, 0.248),
    "very experienced": (0.823, 0.455),
}


def show() -> None:
    """Show readers by experience with a right and a wrong AI, and the student's own figures."""
    experience = st.segmented_control(
        "Readers", list(STUDY), default="inexperienced", required=True, key="lesson readers"
    )
    right, wrong = STUDY[experience]
    chart, text = st.columns([3, 2], gap="medium", vertical_alignment="center")
    chart.plotly_chart(bars(experience), config=PLAIN, key="lesson study", alt="Right answers by experience")
    with text:
        with st.grid(2, min_column_width=120):
            st.metric("Right, AI right", f"{right:.0%}", border=True)
            st.metric("Right, AI wrong", f"{wrong:.0%}", border=True)
        st.caption(
            "Share of mammograms that 27 radiologists classified correctly when the category that was "
            "shown as the AI's was right or wrong."
        )
    st.markdown("**Your own second answers**")
    own = own_revisions()
    if not own.films:
        st.info(
            "Turn on a second answer in the Practice part and answer some films; your figures appear here.",
            icon=":material/school:",
        )
        return
    with st.grid(3, min_column_width=150):
        st.metric("Right, then wrong", counted(own.right_to_wrong, own.first_right), border=True)
        st.metric("Wrong, then right", counted(own.wrong_to_right, own.first_wrong), border=True)
        st.metric("Films with a second answer", str(own.films), border=True)
    st.caption(
        "In this session, with 95% intervals (Wilson). From right to wrong is over-reliance; from wrong to "
        "right is the benefit of the model."
    )


def own_revisions() -> Revisions:
    """Count the revised answers of this session, repetitions aside."""
    films: list[Played] = [film for run in session().runs.values() for film in run.played.values()]
    return revisions(films)


def bars(chosen: str) -> go.Figure:
    """Draw the share of right answers by experience, with a right and with a wrong AI."""
    figure = go.Figure()
    for index, (name, color) in enumerate((("AI right", BLUE), ("AI wrong", AMBER))):
        figure.add_bar(
            x=[shares[index] for shares in STUDY.values()],
            y=list(STUDY),
            orientation="h",
            name=name,
            marker={"color": color, "line": {"color": MARK, "width": [3 * (one == chosen) for one in STUDY]}},
            textfont={"color": NIGHT},
            text=[f"{name}: {shares[index]:.0%}" for shares in STUDY.values()],
            textposition="inside",
            insidetextanchor="start",
            hovertemplate="%{y}, " + name + ": %{x:.0%}<extra></extra>",
        )
    laid_out(figure, "Right answers", "", 260)
    figure.update_xaxes(**SHARE)
    figure.update_yaxes(autorange="reversed", ticksuffix="  ")
    return figure


LESSON = Lesson(
    name="Over-reliance",
    title="Seeing the model first",
    text=(
        "A reader who sees a wrong suggestion often follows it, and experience protects only partly. Local "
        "explanations can make this worse: they speed up trust whether the AI is right or wrong. Committing "
        "to an answer first, and then comparing, keeps one's own judgment measurable. Practice helps: with "
        "boxes that were scored at once, students improved their localization by 68%, with passive reading "
        "of the same films by 17%."
    ),
    show=show,
    notice=(
        "With a wrong suggestion, even very experienced readers were right on fewer than half of the films. "
        "Compare your own two rates: a model helps only if you correct more answers than you spoil."
    ),
    paper="Dratsch et al. 2023, doi:10.1148/radiol.222176; Prinster et al. 2024, doi:10.1148/radiol.233261; "
    "practice: RadGame, arXiv:2509.13270.",
    questions=(
        Quiz(
            "When should a reader see the model's answer?",
            ("Before looking at the film", "After committing to an answer", "Never"),
            1,
            "An answer of one's own makes a later change visible, and it is not anchored to the suggestion.",
        ),
        Quiz(
            "A student changes 6 of 40 right answers to wrong and 9 of 20 wrong answers to right. Does the "
            "model help?",
            ("No, it spoils answers", "Yes, 3 more answers are right", "It cannot be counted"),
            1,
            "Nine corrected minus six spoiled answers are three more right ones of 60. The six still show "
            "over-reliance: look at what was shown on these films.",
        ),
    ),
)
