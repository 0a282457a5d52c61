"""Fractures: boxes around fractures, and an explanation of each box."""

import streamlit as st

from xray.ui.startup import importing, open_page

open_page(__file__, "Find fractures")
with importing():
    from xray.models.detector import is_detector
    from xray.ui.common.cases import accepted_cases, chosen_model, offered
    from xray.ui.common.films import chosen_film, opened_films
    from xray.ui.common.messages import errors_shown
    from xray.ui.common.waiting import analyzed
    from xray.ui.fractures.view import fractures

with errors_shown():
    detectors = [model for model in offered() if is_detector(model)]
    if not detectors:
        st.info(
            "No detector is registered. Train one: `python -m xray train fracture-yolov8n`.",
            icon=":material/model_training:",
        )
        st.stop()
    model = chosen_model(detectors)
    films = opened_films(
        "fractures", "Drop films of hands, limbs, hips or shoulders, or choose the simulated forearm."
    )
    if films:
        case, place = analyzed(chosen_film(films), model.id)
        others = accepted_cases(films.values(), model.id)
        with place:
            fractures(case, others)
