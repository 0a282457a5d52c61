"""Trust: explanation methods side by side on one film, with checks of each map."""

import streamlit as st

from xray.ui.startup import importing, open_page

open_page(__file__, "Which explanation can be believed?")
with importing():
    from xray.ui.common.cases import chosen_model, linked_case
    from xray.ui.common.films import opened_films
    from xray.ui.common.messages import errors_shown
    from xray.ui.trust.benchmark import benchmark_of_checks
    from xray.ui.trust.view import methods_compared, over_many_films

one_film, many_films = st.tabs(["One film", "Many films"])
with errors_shown():
    model = chosen_model()
    with many_films:
        benchmark_of_checks(model)
        over_many_films(model)
    with one_film:
        films = opened_films(
            "trust", "Drop a film or choose a sample. The same checks are applied to the map of every method."
        )
        if films:
            methods_compared(linked_case(films, model.id))
