"""What is kept between reruns: models for all sessions, the Cases of open films in their own session."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from xray.errors import RefusedRadiograph
from xray.models.fallback import load_with_fallback
from xray.models.registry import ModelEntry
from xray.pipeline import Request, analyze
from xray.types import Case, Radiograph
from xray.ui.common.text import literal
from xray.ui.history.keeping import keep

Key = tuple[str, str, str]
# what else is kept for a film, by the hash of its pixels first
BY_PIXELS = (
    "maps",
    "box reasons",
    "trust",
    "viewer films",
    "what-if",
    "what-if answers",
    "what-if films",
    "reports",
)


def loaded(model_id: str) -> ModelEntry:
    """The entry of the model that will answer; says so while it loads. Raises ModelUnavailable."""
    with st.spinner(f"Loading {literal(model_id)} …", show_time=True):
        model, _notice = load_with_fallback(model_id)  # a Case carries the notice
        return model.entry


def case_of(radiograph: Radiograph, model_id: str) -> Case:
    """The Case of a film, analyzed once per session, model and film. Raises XrayError; RefusedRadiograph only
    until the user asks to analyze the film anyway.
    """
    key = _key(radiograph, model_id)
    if key not in _cases():
        with st.spinner(f"Looking at {literal(radiograph.name)} …"):
            _cases()[key] = analyze(radiograph, Request(model_id, anyway=key in _insisted()))
    keep(_cases()[key])
    return _cases()[key]


def insist(radiograph: Radiograph, model_id: str) -> None:
    """Have a film analyzed although the input gate refuses it."""
    _insisted().add(_key(radiograph, model_id))


def refused(refusal: RefusedRadiograph, radiograph: Radiograph, model_id: str) -> None:
    """Say why the input gate refuses a film, and offer to analyze it anyway."""
    st.warning(literal(str(refusal)), icon=":material/front_hand:")
    st.button("Analyze anyway", on_click=insist, args=(radiograph, model_id), icon=":material/arrow_forward:")


def forget_all_but(films: Iterable[Radiograph]) -> None:
    """Drop all that is kept for films that are no longer open."""
    still_open = {_identity(film) for film in films}
    st.session_state["cases"] = {key: case for key, case in _cases().items() if key[:2] in still_open}
    st.session_state["insisted"] = {key for key in _insisted() if key[:2] in still_open}
    pixels = {sha256 for sha256, _ in still_open}
    for store in BY_PIXELS:
        kept = st.session_state.get(store, {})
        st.session_state[store] = {key: one for key, one in kept.items() if key[0] in pixels}


def _cases() -> dict[Key, Case]:
    return st.session_state.setdefault("cases", {})


def _insisted() -> set[Key]:
    return st.session_state.setdefault("insisted", set())


def _key(radiograph: Radiograph, model_id: str) -> Key:
    return (*_identity(radiograph), model_id)


def _identity(radiograph: Radiograph) -> tuple[str, str]:
    return radiograph.sha256, radiograph.name
