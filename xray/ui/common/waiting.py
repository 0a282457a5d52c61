"""The place of a film's results, which shows the film and the progress until the film is analyzed."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from xray.errors import RefusedRadiograph
from xray.imaging.transforms import downsampled
from xray.render.overlay import SHOWN_SIDE, windowed
from xray.types import Case, Radiograph
from xray.ui.common.cases import case_of, is_analyzed, loaded, refused

COLUMNS = (13, 6)  # widths of a film and of the panel beside it


def analyzed(radiograph: Radiograph, model_id: str) -> tuple[Case, DeltaGenerator]:
    """Analyze a film once per session and model; return its Case and the place for its results.

    Before the analysis, results of another film or model disappear from the place. If the input gate refuses
    the film, the reason is shown beside the film and the page ends.

    Raises:
        XrayError: If the film cannot be analyzed.
    """
    if is_analyzed(radiograph, model_id):
        return case_of(radiograph, model_id), st.container()
    place = st.empty()
    with place.container():
        left, right = st.columns(COLUMNS, gap="small")
        film = left.container(key="film-waiting")
        shown = windowed(downsampled(radiograph, SHOWN_SIDE).pixels)
        film.image(shown, width="stretch", alt=f"Radiograph {radiograph.name}")
        progress = film.empty()
        try:
            with progress.container(key="film-progress-analysis", border=True):
                loaded(model_id)
                case = case_of(radiograph, model_id)
        except RefusedRadiograph as refusal:
            progress.empty()
            with right:
                refused(refusal, radiograph, model_id)
            st.stop()
    return case, place.container()
