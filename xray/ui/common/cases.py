"""Choice of the model, and Cases: each film is analyzed once per session and model."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import streamlit as st

from xray.errors import RefusedRadiograph
from xray.models.fallback import load_with_fallback
from xray.models.gate import GATE, INVERTED, REMEDIES, remedied
from xray.models.public import is_away
from xray.models.registry import ModelEntry, entries, entry, public_entries
from xray.pipeline import Request, analyze
from xray.types import Case, Radiograph
from xray.ui.common.escaping import literal
from xray.ui.common.keeping import keep, keep_refusal
from xray.ui.common.links import link_parameters, set_parameter
from xray.ui.session import session


def offered() -> list[ModelEntry]:
    """The models that a user can choose: bundled ones, then public ones that have been downloaded."""
    return [model for model in (*entries(), *public_entries()) if model.id != GATE and not is_away(model)]


def chosen_model(among: list[ModelEntry] | None = None) -> ModelEntry:
    """Show the choice of the model in the sidebar; pages that offer all models share the choice.

    Args:
        among: The models to choose from; all that are offered if None.

    Raises:
        ModelUnavailable: If the registry cannot be read.
    """
    known = {model.id: model for model in among or offered()}
    key = "model" if among is None else "model among some"
    before = st.session_state.get(key, link_parameters().get("model"))
    st.session_state[key] = before if before in known else next(iter(known))
    model_id = st.sidebar.selectbox(
        "Model", list(known), format_func=lambda id: known[id].title, key=key, persist_state="session"
    )
    set_parameter("model", model_id)
    st.sidebar.caption(f"Trained on {literal(known[model_id].trained_on)}.")
    return known[model_id]


def loaded(model_id: str) -> ModelEntry:
    """Load a model, or its fallback, and return the entry of that model. Raises ModelUnavailable."""
    with st.spinner(f"Loading {literal(model_id)} …", show_time=True):
        model, _notice = load_with_fallback(model_id)  # a Case carries the notice
        return model.entry


def case_of(radiograph: Radiograph, model_id: str) -> Case:
    """Analyze a film once per session and model.

    Raises:
        RefusedRadiograph: If the input gate refuses the film, until the user analyzes it anyway.
        XrayError: If the film cannot be analyzed.
    """
    key, state = _key(radiograph, model_id), session()
    if key not in state.cases:
        with st.spinner(f"Analyzing {literal(radiograph.name)} …"):
            anyway = key in state.accepted_anyway
            try:
                state.cases[key] = analyze(radiograph, Request(model_id, anyway=anyway))
            except RefusedRadiograph as refusal:
                keep_refusal(radiograph, refusal)
                raise
    keep(state.cases[key])
    return state.cases[key]


def case_on_page(radiograph: Radiograph, model_id: str) -> Case:
    """Load the model and analyze a film; if the input gate refuses it, show the reason and end the page."""
    loaded(model_id)
    try:
        return case_of(radiograph, model_id)
    except RefusedRadiograph as refusal:
        refused(refusal, radiograph, model_id)
        st.stop()


def accepted_cases(films: Iterable[Radiograph], model_id: str) -> list[Case]:
    """Analyze films; those that the input gate refuses are left out."""
    cases = []
    for film in films:
        with suppress(RefusedRadiograph):
            cases.append(case_of(film, model_id))
    return cases


def accept_anyway(radiograph: Radiograph, model_id: str) -> None:
    """Analyze a film although the input gate refuses it."""
    session().accepted_anyway.add(_key(radiograph, model_id))


def correct(radiograph: Radiograph, refusal: RefusedRadiograph) -> None:
    """Replace an open film by its corrected copy."""
    films, corrected = session().films, remedied(radiograph, refusal.kind, entry(refusal.model_id))
    for key in [key for key, film in films.items() if film is radiograph]:
        films[key] = corrected


def refused(refusal: RefusedRadiograph, radiograph: Radiograph, model_id: str) -> None:
    """Show why the input gate refuses a film, and offer to correct it or to analyze it anyway."""
    st.warning(literal(str(refusal)), icon=":material/front_hand:")
    buttons = st.container(horizontal=True)
    if refusal.kind in REMEDIES:
        buttons.button(
            REMEDIES[refusal.kind],
            on_click=correct,
            args=(radiograph, refusal),
            type="primary",
            icon=":material/invert_colors:" if refusal.kind == INVERTED else ":material/rotate_right:",
        )
    buttons.button(
        "Analyze anyway",
        on_click=accept_anyway,
        args=(radiograph, model_id),
        icon=":material/arrow_forward:",
    )


def case_notices(case: Case) -> None:
    """Show what applies to all results of a Case: refusal by the input gate, fallback model, organ."""
    if not case.gate.accepted:
        st.warning(
            f"Analyzed although the input gate refused it: {literal(case.gate.reason)} "
            "Treat these values as unreliable.",
            icon=":material/front_hand:",
        )
    elif case.gate.reason:
        st.caption(literal(case.gate.reason))
    if case.gate.compared:
        st.caption(f":material/compare_arrows: {literal(case.gate.compared)}")
    if case.fallback:
        st.info(literal(case.fallback), icon=":material/alt_route:")
    if case.organ:
        st.markdown(f"Organ view: **{literal(case.organ)}**")


def _key(radiograph: Radiograph, model_id: str) -> tuple[str, str, str]:
    return radiograph.sha256, radiograph.name, model_id
