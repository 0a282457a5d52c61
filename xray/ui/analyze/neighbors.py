"""The training films most similar to a film, with their labels, and their maps where the films are here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

import streamlit as st

from xray.errors import XrayError
from xray.explain import METHODS
from xray.io import read_radiograph
from xray.models.ensemble import model_of
from xray.models.neighbors import Neighbor, comparison_sentence, distance_sentence, labels_of, neighbors
from xray.pipeline import Request, analyze
from xray.render.overlay import RGB, Drawing, downsampled_case, draw
from xray.settings import settings
from xray.types import Case, Radiograph
from xray.ui.common.escaping import literal
from xray.ui.common.messages import show_error
from xray.ui.session import session

SIDE = 160  # px of a thumbnail
FAST = "gradcam"  # in place of a method that takes many passes


def similar_films(case: Case, finding: str) -> None:
    """Offer the nearest training films of both answers, if the model has a bank of them; off by default."""
    model = model_of(case.prediction)
    if not model.entry.neighbors or not st.toggle(
        "Most similar training films and their labels",
        key="similar training films",
        persist_state="session",
        help="The training films that are nearest in what the last layer of the network receives.",
    ):
        return
    called = case.prediction.at_operating_point(finding)
    try:
        found = neighbors(model, case.radiograph, finding, called)
    except XrayError as error:
        show_error(error)
        return
    if found.trained_on:
        st.info(
            f"The model was trained on this film ({literal(found.trained_on)}), which is not listed below.",
            icon=":material/info:",
        )
    method = case.explanations[0].method if case.explanations else FAST
    method = method if method in METHODS and METHODS[method].explains_all else FAST
    for title, films in found.titled:
        st.markdown(f"**{literal(title)}**")
        if films:
            row(films, case.prediction.model_id, method, finding)
        else:
            st.caption("No training film has this label.")
    if compared := comparison_sentence(model.entry, finding):
        st.caption(literal(compared))
    st.caption(
        f"Labels are those of the data sets. Maps: {METHODS[method].title} for {literal(finding)}, each with "
        "its own scale. A film is shown if it is in the folder of the training data or open on this page. "
        "Near means similar to the network, which is not a reason for its answer."
    )


def row(films: Sequence[Neighbor], model_id: str, method: str, finding: str) -> None:
    """Show training films side by side: a picture if the film is here, the label and the distance."""
    with st.container(horizontal=True, gap="small"):
        for film in films:
            with st.container(width=SIDE, gap="xsmall"):
                if (picture := _picture(film, model_id, method, finding)) is not None:
                    st.image(picture, width=SIDE, alt=f"Training film {film.name} with its map")
                st.markdown(f"**{literal(labels_of(film))}**")
                name, distance = PurePosixPath(film.name).name, distance_sentence(film).capitalize()
                st.caption(f"{literal(name)}  \n{literal(distance)}.")


def _picture(film: Neighbor, model_id: str, method: str, finding: str) -> RGB | None:
    """A thumbnail of a training film with its map, computed once per session; None if it is not here."""
    kept, key = session().neighbor_pictures, (film.sha256, model_id, method, finding)
    if key not in kept:
        radiograph = _film(film)
        if radiograph is None:
            return None
        request = Request(model_id, method, finding, anyway=True, intervals=False)
        kept[key] = draw(
            downsampled_case(analyze(radiograph, request), 2 * SIDE), finding, Drawing(own_scale=True)
        )
    return kept[key]


def _film(film: Neighbor) -> Radiograph | None:
    """A training film from the folder of the training data or among the open films, by its pixels."""
    for radiograph in session().open_films.values():
        if radiograph.sha256.startswith(film.sha256):
            return radiograph
    try:
        path = settings().training_data / film.name
        radiograph = read_radiograph(path.read_bytes(), path.name)
    except (OSError, XrayError):
        return None
    return radiograph if radiograph.sha256.startswith(film.sha256) else None
