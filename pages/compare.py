"""Compare: one film with several models, methods and findings, or two films with one model."""

import streamlit as st

from xray.ui.startup import importing, open_page

open_page(__file__, "Compare")
with importing():
    from xray.ui.common.cases import chosen_model, loaded, offered
    from xray.ui.common.films import chosen_film, opened_films
    from xray.ui.common.messages import errors_shown
    from xray.ui.compare.two_films import two_films
    from xray.ui.compare.view import one_film

with errors_shown():
    model = chosen_model()
    films = opened_films(
        "compare",
        "Drop a film or choose a sample to compare models, methods and findings; drop two films to see how "
        "they differ.",
    )
    if films:
        single, pair = st.tabs(["One film", "Two films"])
        with single:
            one_film(chosen_film(films), offered(), model.id)
        with pair:
            loaded(model.id)
            two_films(films, model)
