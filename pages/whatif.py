"""What if: changes of one film and their effect on the prediction."""

from xray.ui.startup import importing, open_page

open_page(__file__, "What if the film were different?")
with importing():
    import streamlit as st

    from xray.ui.common.cases import chosen_model, linked_case
    from xray.ui.common.films import opened_films
    from xray.ui.common.messages import errors_shown
    from xray.ui.whatif.lesions.view import lesion_lab
    from xray.ui.whatif.view import what_if

with errors_shown():
    model = chosen_model()
    films = opened_films(
        "what-if",
        "Drop a film or choose a sample. Cover a part of it, rotate, blur or window it, and see how the "
        "prediction changes.",
    )
    if films:
        part = st.segmented_control(
            "Part",
            ["Changes", "Lesions"],
            default="Changes",
            required=True,
            key="what-if part",
            persist_state="session",
            label_visibility="collapsed",
        )
        case = linked_case(films, model.id)
        if part == "Lesions":
            lesion_lab(case)
        else:
            what_if(case)
