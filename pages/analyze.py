"""Analyze: radiographs in, what the model says and where it looked out."""

import streamlit as st

from xray.ui.startup import enter, importing

enter(__file__)
st.title("Analyze a radiograph")
with importing():
    from xray.errors import RefusedRadiograph, XrayError
    from xray.ui.analyze.view import results, tour
    from xray.ui.common.cases import case_of, loaded, refused
    from xray.ui.common.films import chosen_film, opened_films
    from xray.ui.common.model_choice import chosen_model
    from xray.ui.common.text import literal
    from xray.ui.history.keeping import seen_before
    from xray.ui.session import session

try:
    model = chosen_model()
    films = opened_films("analyze")
    session().keep_only(films.values())
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
