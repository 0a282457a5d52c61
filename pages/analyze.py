"""Analyze: radiographs in, what the model says and where it looked out."""

import streamlit as st

from xray.errors import RefusedRadiograph, XrayError
from xray.ui.cases import case_of, forget_all_but, loaded, refused
from xray.ui.door import enter
from xray.ui.films import chosen_film, opened_films
from xray.ui.history_keeping import seen_before
from xray.ui.models import chosen_model
from xray.ui.results import results
from xray.ui.text import literal
from xray.ui.tour import tour

enter()
st.title("Analyze a radiograph")

try:
    model = chosen_model()
    films = opened_films("analyze")
    forget_all_but(films.values())
    if not films:
        st.caption(
            "Drop films (DICOM, PNG, JPEG, TIFF, BMP or WebP) or choose a sample. "
            "What you open stays on the computer that runs this page."
        )
        tour()
        st.stop()
    film = chosen_film(films)
    loaded(model.id)
    try:
        case = case_of(film, model.id)
    except RefusedRadiograph as refusal:
        refused(refusal, film, model.id)
        st.stop()
except XrayError as error:
    st.error(literal(str(error)), icon=":material/error:")
    st.stop()

seen_before(case)
results(case)
