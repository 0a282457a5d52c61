"""Learn: practice in reading films against a reference and a model, and short lessons."""

import streamlit as st

from xray.ui.startup import importing, open_page

code = st.query_params.get("class")  # a student's address
open_page(__file__, "Class" if code else "Learn")
with importing():
    from xray.ui.common.messages import errors_shown
    from xray.ui.learn.classroom.student import attend
    from xray.ui.learn.classroom.teacher import teach
    from xray.ui.learn.lessons import lessons
    from xray.ui.learn.report import report_practice
    from xray.ui.learn.statistics import statistics
    from xray.ui.learn.threshold import thresholds
    from xray.ui.learn.view import practice

if code:
    with errors_shown():
        attend(code)
    st.stop()
part = st.segmented_control(
    "Part",
    ["Practice", "Thresholds", "Statistics", "Class", "Lessons", "Report"],
    default="Practice",
    required=True,
    key="part",
    bind="query-params",
    label_visibility="collapsed",
)
with errors_shown():
    if part == "Lessons":
        lessons()
    elif part == "Report":
        report_practice()
    elif part == "Class":
        teach()
    elif part == "Thresholds":
        thresholds()
    elif part == "Statistics":
        statistics()
    else:
        practice()
