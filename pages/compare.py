"""Compare: the same film through models, methods and findings, or two films through the same model."""

import streamlit as st

from xray.ui.startup import enter, importing

enter(__file__)
st.title("Compare")
with importing():
    from xray.errors import XrayError
    from xray.ui.common.cases import loaded
    from xray.ui.common.films import chosen_film, opened_films
    from xray.ui.common.model_choice import chosen_model, offered
    from xray.ui.common.text import literal
    from xray.ui.compare.two_films import two_films
    from xray.ui.compare.view import one_film
    from xray.ui.session import session

try:
    model = chosen_model()
    films = opened_films("compare")
    session().keep_only(films.values())
    if not films:
        st.caption(
            "Drop a film or choose a sample to see models, methods and findings side by side; drop two to "
            "see what changes between them."
        )
        st.stop()
    same, two = st.tabs(["One film", "Two films"])
    with same:
        one_film(chosen_film(films), offered())
    with two:
        loaded(model.id)
        two_films(films, model)
except XrayError as error:
    st.error(literal(str(error)), icon=":material/error:")
