"""Fractures: films in, boxes out, and a reason for every box."""

import streamlit as st

from xray.ui.startup import enter, importing

enter(__file__)
st.title("Find fractures")
with importing():
    from xray.errors import RefusedRadiograph, XrayError
    from xray.models.detector import is_detector
    from xray.ui.common.cases import case_of, loaded, refused
    from xray.ui.common.films import chosen_film, opened_films
    from xray.ui.common.model_choice import chosen_model, offered
    from xray.ui.common.text import literal
    from xray.ui.fractures.view import fractures
    from xray.ui.session import session

try:
    detectors = [one for one in offered() if is_detector(one)]
    if not detectors:
        st.info(
            "No detector is registered. Train one: `python -m xray train fracture-yolov8n`.",
            icon=":material/model_training:",
        )
        st.stop()
    model = chosen_model(detectors)
    films = opened_films("fractures")
    session().keep_only(films.values())
    if not films:
        st.caption("Drop films of hands, limbs, hips or shoulders, or choose the simulated forearm.")
        st.stop()
    film = chosen_film(films)
    loaded(model.id)
    cases, shown = [], None
    for one in films.values():
        try:
            case = case_of(one, model.id)
            cases.append(case)
            shown = case if one is film else shown
        except RefusedRadiograph as refusal:
            if one is film:
                refused(refusal, film, model.id)
except XrayError as error:
    st.error(literal(str(error)), icon=":material/error:")
    st.stop()

if shown is not None:
    fractures(shown, cases)
