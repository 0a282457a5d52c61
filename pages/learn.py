"""Learn: commit to an answer, then see the reference and the model; and short lessons on what both mean."""

import streamlit as st

from xray.ui.startup import enter, importing

enter(__file__)
st.title("Learn")
with importing():
    from xray.errors import XrayError
    from xray.ui.common.text import literal
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
try:
    if part == "Lessons":
        lessons()
    else:
        practice()
except XrayError as error:
    st.error(literal(str(error)), icon=":material/error:")
