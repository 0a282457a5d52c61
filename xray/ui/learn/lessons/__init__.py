"""Short lessons, each with one control on the real pipeline; a new one is a file and a name in LESSONS."""

from __future__ import annotations

import streamlit as st

from xray.ui.learn.lessons import calibration, disagreement, heatmap, predictive_values, shortcut, window
from xray.ui.learn.lessons.lesson import Lesson

LESSONS: dict[str, Lesson] = {
    one.LESSON.name: one.LESSON
    for one in (heatmap, predictive_values, calibration, shortcut, disagreement, window)
}


def lessons() -> None:
    """The lesson chosen. Raises XrayError."""
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


@st.fragment
def control(name: str) -> None:
    """A lesson's control reruns what it moves alone."""
    LESSONS[name].show()
