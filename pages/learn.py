"""Learn: practice in reading films against a reference and a model, and short lessons."""

import streamlit as st

from xray.ui.startup import importing, open_page

open_page(__file__, "Learn")
with importing():
    from xray.ui.common.messages import errors_shown
    from xray.ui.learn.lessons import lessons
    from xray.ui.learn.view import practice

part = st.segmented_control(
    "Part",
    ["Practice", "Lessons"],
    default="Practice",
    required=True,
    key="part",
    bind="query-params",
    label_visibility="collapsed",
)
with errors_shown():
    if part == "Lessons":
        lessons()
    else:
        practice()
