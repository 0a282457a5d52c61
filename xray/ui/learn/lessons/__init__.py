"""Short lessons, each with a control that runs the real pipeline; LESSONS lists them."""

from __future__ import annotations

import streamlit as st

from xray.ui.common.messages import fragment
from xray.ui.learn.lessons import (
    calibration,
    checks,
    disagreement,
    familiarity,
    heatmap,
    over_reliance,
    predictive_values,
    shortcut,
    window,
)
from xray.ui.learn.lessons.lesson import Lesson
from xray.ui.learn.lessons.quiz import ask

LESSONS: dict[str, Lesson] = {
    lesson.LESSON.name: lesson.LESSON
    for lesson in (
        heatmap,
        checks,
        shortcut,
        calibration,
        predictive_values,
        over_reliance,
        familiarity,
        disagreement,
        window,
    )
}


def lessons() -> None:
    """Show the chosen lesson. Raises XrayError."""
    chosen = LESSONS[
        st.segmented_control(
            "Lesson",
            list(LESSONS),
            default=next(iter(LESSONS)),
            required=True,
            key="lesson",
            bind="query-params",
            label_visibility="collapsed",
        )
    ]
    st.subheader(chosen.title, anchor=False)
    st.markdown(chosen.text)
    with st.container(border=True):
        control(chosen.name)
    st.markdown(f":material/visibility: **What to notice.** {chosen.notice}")
    st.caption(f"Source: {chosen.paper}")
    questions(chosen.name)


@fragment
def control(name: str) -> None:
    """Show the control of a lesson; it reruns this fragment only."""
    LESSONS[name].show()


@fragment
def questions(name: str) -> None:
    """Show the questions of a lesson; an answer reruns this fragment only."""
    ask(name, LESSONS[name].questions)
