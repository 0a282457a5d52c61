"""What is kept between reruns: models for all sessions, the Cases of open films in their own session."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from xray.models.classifier import load_classifier
from xray.models.registry import ModelEntry
from xray.pipeline import Request, analyze
from xray.types import Case, Radiograph
from xray.ui.text import literal

Key = tuple[str, str, str]


def loaded(model_id: str) -> ModelEntry:
    """The entry of a model that is ready to answer; says so while it loads. Raises ModelUnavailable."""
    with st.spinner(f"Loading {model_id} …", show_time=True):
        return load_classifier(model_id).entry


def case_of(radiograph: Radiograph, model_id: str) -> Case:
    """The Case of a film, analyzed once per session, model and film. Raises XrayError."""
    key = (*_identity(radiograph), model_id)
    if key not in _cases():
        with st.spinner(f"Looking at {literal(radiograph.name)} …"):
            _cases()[key] = analyze(radiograph, Request(model_id))
    return _cases()[key]


def forget_all_but(films: Iterable[Radiograph]) -> None:
    """Drop the Cases of films that are no longer open."""
    still_open = {_identity(film) for film in films}
    st.session_state["cases"] = {key: case for key, case in _cases().items() if key[:2] in still_open}


def _cases() -> dict[Key, Case]:
    return st.session_state.setdefault("cases", {})


def _identity(radiograph: Radiograph) -> tuple[str, str]:
    return radiograph.sha256, radiograph.name
