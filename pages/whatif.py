"""What if: one film, changed bit by bit, and what that does to the answer."""

import streamlit as st

from xray.ui.startup import enter, importing

enter(__file__)
st.title("What if the film were different?")
with importing():
    from xray.errors import RefusedRadiograph, XrayError
    from xray.ui.common.cases import case_of, loaded, refused
    from xray.ui.common.films import chosen_film, opened_films
    from xray.ui.common.model_choice import chosen_model
    from xray.ui.common.text import literal
    from xray.ui.session import session
    from xray.ui.whatif.view import what_if

try:
    model = chosen_model()
    films = opened_films("what-if")
    session().keep_only(films.values())
    if not films:
        st.caption(
            "Drop a film or choose a sample: cover a part of it, turn, blur or window it, and see what the "
            "answer rests on."
        )
        st.stop()
    film = chosen_film(films)
    loaded(model.id)
    try:
        what_if(case_of(film, model.id))
    except RefusedRadiograph as refusal:
        refused(refusal, film, model.id)
except XrayError as error:
    st.error(literal(str(error)), icon=":material/error:")
