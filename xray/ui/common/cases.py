"""Models and Cases on a page: each film is analyzed once per session and model."""

from __future__ import annotations

import streamlit as st

from xray.errors import RefusedRadiograph
from xray.models.fallback import load_with_fallback
from xray.models.registry import ModelEntry
from xray.pipeline import Request, analyze
from xray.types import Case, Radiograph
from xray.ui.common.text import literal
from xray.ui.history.keeping import keep
from xray.ui.session import session


def loaded(model_id: str) -> ModelEntry:
    """The entry of the model that will answer; says so while it loads. Raises ModelUnavailable."""
    with st.spinner(f"Loading {literal(model_id)} …", show_time=True):
        model, _notice = load_with_fallback(model_id)  # a Case carries the notice
        return model.entry


def case_of(radiograph: Radiograph, model_id: str) -> Case:
    """The Case of a film, analyzed once per session, model and film. Raises XrayError; RefusedRadiograph only
    until the user asks to analyze the film anyway.
    """
    key, state = _key(radiograph, model_id), session()
    if key not in state.cases:
        with st.spinner(f"Analyzing {literal(radiograph.name)} …"):
            anyway = key in state.accepted_anyway
            state.cases[key] = analyze(radiograph, Request(model_id, anyway=anyway))
    keep(state.cases[key])
    return state.cases[key]


def accept_anyway(radiograph: Radiograph, model_id: str) -> None:
    """Analyze a film although the input gate refuses it."""
    session().accepted_anyway.add(_key(radiograph, model_id))


def refused(refusal: RefusedRadiograph, radiograph: Radiograph, model_id: str) -> None:
    """Say why the input gate refuses a film, and offer to analyze it anyway."""
    st.warning(literal(str(refusal)), icon=":material/front_hand:")
    st.button(
        "Analyze anyway",
        on_click=accept_anyway,
        args=(radiograph, model_id),
        icon=":material/arrow_forward:",
    )


def _key(radiograph: Radiograph, model_id: str) -> tuple[str, str, str]:
    return radiograph.sha256, radiograph.name, model_id
