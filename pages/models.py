"""Models: training data, measured figures, calibration, model card and audit of each model."""

import streamlit as st

from xray.ui.startup import enter, importing

enter(__file__)
st.title("Models")
with importing():
    from xray.errors import XrayError
    from xray.models.public import is_away
    from xray.models.registry import entries, public_entries
    from xray.ui.common.text import literal
    from xray.ui.models.view import facts, fetch_panel, model_tabs, model_to_show

try:
    entry = model_to_show((*entries(), *public_entries()))
except XrayError as error:
    st.error(literal(str(error)), icon=":material/error:")
    st.stop()

facts(entry)
if is_away(entry):
    fetch_panel(entry)
else:
    model_tabs(entry)
