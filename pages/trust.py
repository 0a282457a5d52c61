"""Trust: one film, many methods of explanation, and which of them can be believed."""

import streamlit as st

from xray.ui.startup import enter, importing

enter(__file__)
st.title("Which explanation can be believed?")
with importing():
    from xray.errors import RefusedRadiograph, XrayError
    from xray.ui.common.cases import case_of, loaded, refused
    from xray.ui.common.films import chosen_film, opened_films
    from xray.ui.common.model_choice import chosen_model
    from xray.ui.common.text import literal
    from xray.ui.session import session
    from xray.ui.trust.view import methods_compared, over_many_films

one_film, many_films = st.tabs(["One film", "Many films"])
try:
    model = chosen_model()
    with many_films:
        over_many_films(model)
    with one_film:
        films = opened_films("trust")
        session().keep_only(films.values())
        if not films:
            st.caption(
                "Drop a film or choose a sample: every method explains it, and is put to the same checks."
            )
            st.stop()
        film = chosen_film(films)
        loaded(model.id)
        try:
            methods_compared(case_of(film, model.id))
        except RefusedRadiograph as refusal:
            refused(refusal, film, model.id)
except XrayError as error:
    st.error(literal(str(error)), icon=":material/error:")
