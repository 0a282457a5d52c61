"""Report: text on one film that says only what was measured, or is marked where it says more."""

import streamlit as st

from xray.ui.startup import enter, importing

enter(__file__)
st.title("Report on a radiograph")
with importing():
    from xray.errors import RefusedRadiograph, XrayError
    from xray.ui.common.cases import case_of, loaded, refused
    from xray.ui.common.films import chosen_film, opened_films
    from xray.ui.common.model_choice import chosen_model
    from xray.ui.common.text import literal
    from xray.ui.report.view import reporting
    from xray.ui.session import session

try:
    model = chosen_model()
    films = opened_films("report")
    session().keep_only(films.values())
    if not films:
        st.caption(
            "Drop a film or choose a sample. The report is written from measured facts: offline by a "
            "template, or by a language model that you turn on; every sentence is checked against them."
        )
        st.stop()
    film = chosen_film(films)
    loaded(model.id)
    try:
        reporting(case_of(film, model.id))
    except RefusedRadiograph as refusal:
        refused(refusal, film, model.id)
except XrayError as error:
    st.error(literal(str(error)), icon=":material/error:")
