"""Models: what each was trained on, how good it is on films it never saw, and what its makers warn of."""

import streamlit as st

from xray.ui.startup import enter, importing

enter(__file__)
st.title("Models")
with importing():
    from xray.errors import XrayError
    from xray.models.figures import ModelFigures, model_card, model_figures
    from xray.models.public import FETCHERS, is_away
    from xray.models.registry import entries, public_entries
    from xray.ui.common.text import literal
    from xray.ui.models.audit_panel import audit_panel
    from xray.ui.models.calibration_tab import calibration_tab
    from xray.ui.models.figures_tab import figures_tab, headline
    from xray.ui.models.overview import facts, fetch_panel, model_to_show
    from xray.ui.models.training_tab import training_tab

try:
    entry = model_to_show((*entries(), *public_entries()))
except XrayError as error:
    st.error(literal(str(error)), icon=":material/error:")
    st.stop()

facts(entry)
if is_away(entry):
    fetch_panel(entry)
    st.stop()

told, without = ModelFigures(), f"There are no test figures for {entry.id}."
try:
    told = model_figures(entry)
except XrayError as error:
    without = str(error)
if told.test:
    headline(entry, told.test)
else:
    st.info(literal(without), icon=":material/query_stats:")

tabs = ["Figures", "Calibration"] if told.test else []
tabs += ["Training"] if told.epochs else []
tabs += ["Card", "Audit"] if entry.kind not in FETCHERS else ["Audit"]
shown = dict(zip(tabs, st.tabs(tabs), strict=True))
if told.test:
    with shown["Figures"]:
        figures_tab(entry, told, told.test)
    with shown["Calibration"]:
        calibration_tab(entry, told, told.test)
if told.epochs:
    with shown["Training"]:
        training_tab(told)
if "Card" in shown:
    with shown["Card"]:
        try:
            st.markdown(model_card(entry))
        except XrayError as error:
            st.info(literal(str(error)), icon=":material/description:")
with shown["Audit"]:
    audit_panel(entry)
