"""Cohort: many radiographs in, a worklist and what they show together out."""

import streamlit as st

from xray.ui.startup import enter, importing

enter(__file__)
st.title("Analyze many films")
with importing():
    from xray.errors import XrayError
    from xray.ui.cohort.opening import opening
    from xray.ui.cohort.session import shown_cohort
    from xray.ui.cohort.view import cohort
    from xray.ui.common.model_choice import chosen_model
    from xray.ui.common.text import literal

try:
    model = chosen_model()
    shown = shown_cohort()
    if shown is None:
        opening(model)
    else:
        cohort(shown, model)
except XrayError as error:
    st.error(literal(str(error)), icon=":material/error:")
