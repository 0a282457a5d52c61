"""Learn: commit to an answer, then see the reference and the model; and short lessons on what both mean."""

import streamlit as st

from xray.errors import XrayError
from xray.ui.common.text import literal
from xray.ui.door import enter
from xray.ui.learn.lessons import lessons
from xray.ui.learn.practice import practice

enter()
st.title("Learn to read, and to doubt")

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
