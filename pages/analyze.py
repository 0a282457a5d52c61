"""Analyze: radiographs in, what the model says and where it looked out."""

import streamlit as st

from xray.errors import XrayError
from xray.models.registry import entries
from xray.ui.cases import case_of, forget_all_but, loaded
from xray.ui.films import chosen_film, opened_films
from xray.ui.results import results
from xray.ui.text import literal

st.title("Analyze a radiograph")

try:
    models = {entry.id: entry for entry in entries()}
    model_id = st.sidebar.selectbox("Model", list(models), format_func=lambda id: models[id].title)
    st.sidebar.caption(f"Trained on {models[model_id].trained_on}.")
    films = opened_films()
    forget_all_but(films.values())
    if not films:
        st.caption(
            "Drop films (DICOM, PNG, JPEG, TIFF, BMP or WebP) or choose a sample. "
            "What you open stays on the computer that runs this page."
        )
        st.stop()
    case = case_of(chosen_film(films), loaded(model_id).id)
except XrayError as error:
    st.error(literal(str(error)), icon=":material/error:")
    st.stop()

results(case)
