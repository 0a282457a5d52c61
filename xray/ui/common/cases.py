"""Choice of the model, and Cases: each film is analyzed once per session and model."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

import streamlit as st

from xray.errors import RefusedRadiograph
from xray.models.fallback import load_with_fallback
from xray.models.gate import CROP, INVERTED, REMEDIES, remedied, remedy
from xray.models.public import is_away
from xray.models.registry import ModelEntry, entries, entry, public_entries
from xray.pipeline import Request, analyze
from xray.types import Case, Prediction, Radiograph
from xray.ui.choice import MODEL_POINTS, SHARED_POINTS
from xray.ui.common.confidence import FEW
from xray.ui.common.escaping import literal
from xray.ui.common.films import chosen_film
from xray.ui.common.keeping import keep, keep_refusal
from xray.ui.common.links import set_parameter
from xray.ui.session import session

ICONS = {REMEDIES[INVERTED]: ":material/invert_colors:", CROP: ":material/crop:"}  # of actions


def offered() -> list[ModelEntry]:
    """The models that a user can choose: bundled ones, then public ones that have been downloaded."""
    known = (*entries(), *public_entries())
    return [model for model in known if model.for_analysis and not is_away(model)]


def chosen_model(among: list[ModelEntry] | None = None) -> ModelEntry:
    """Show the choice of the model in the sidebar, which all pages share.

    A page that offers only some models keeps a second choice while the shared one is none of them.

    Args:
        among: The models to choose from; all that are offered if None.

    Raises:
        ModelUnavailable: If the registry cannot be read.
    """
    known, choice = {model.id: model for model in among or offered()}, session().choice
    key = "model" if among is None else "model among some"

    def choose() -> None:
        if among is None or choice.model in known:
            choice.model, choice.described = st.session_state[key], ""
        else:
            choice.detector = st.session_state[key]

    candidates = (choice.model, choice.detector if among else "", next(iter(known)))
    st.session_state[key] = next(model_id for model_id in candidates if model_id in known)
    model_id = st.sidebar.selectbox(
        "Model", list(known), format_func=lambda id: known[id].title, key=key, on_change=choose
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


def is_analyzed(radiograph: Radiograph, model_id: str) -> bool:
    """Whether the session has the Case of a film and model."""
    return _key(radiograph, model_id) in session().cases


def linked_case(films: dict[str, Radiograph], model_id: str) -> Case:
    """The Case of the shown film at the chosen operating points.

    If the input gate refuses the film, the reason is shown and the page ends.
    """
    film = chosen_film(films)
    loaded(model_id)
    try:
        case = case_of(film, model_id)
    except RefusedRadiograph as refusal:
        refused(refusal, film, model_id)
        st.stop()
    if has_points(case.prediction) and session().choice.points != MODEL_POINTS:
        st.caption(f"Operating points: {session().choice.points}, as chosen on the Analyze page.")
    return at_chosen_points(case)


def has_points(prediction: Prediction) -> bool:
    """Whether there is a choice of operating points: for models with many independent findings."""
    return len(prediction.findings) > FEW and prediction.absent is not None


def at_chosen_points(case: Case) -> Case:
    """The Case at the operating points that all pages share."""
    return replace(case, prediction=with_chosen_points(case.prediction))


def with_chosen_points(prediction: Prediction) -> Prediction:
    """The prediction at the operating points that all pages share."""
    shared = SHARED_POINTS.get(session().choice.points)
    if shared is None or not has_points(prediction):
        return prediction
    return prediction.at_threshold(shared)


def linked_finding(case: Case) -> str:
    """The finding that was chosen for the film on any page, or else the answer."""
    chosen = session().choice.findings.get(case.radiograph.sha256)
    return chosen if chosen in case.prediction.findings else case.answer.finding


def chosen_finding(case: Case, key: str, label: str = "Finding") -> str:
    """Show the choice of the finding, which all pages share for a film."""
    findings, film = case.prediction.findings, case.radiograph.sha256
    key = f"{key}:{case.prediction.model_id}:{film}"

    def choose() -> None:
        session().choice.findings[film] = st.session_state[key]

    st.session_state[key] = linked_finding(case)
    if len(findings) <= FEW:
        st.segmented_control(label, findings, format_func=literal, required=True, key=key, on_change=choose)
    else:
        st.selectbox(label, findings, key=key, on_change=choose)
    finding = linked_finding(case)
    set_parameter("finding", finding)
    return finding


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


def refused(refusal: RefusedRadiograph, radiograph: Radiograph, model_id: str, place: str = "") -> None:
    """Show why the input gate refuses a film, and offer to correct it or to analyze it anyway.

    Args:
        refusal: The refusal.
        radiograph: The film.
        model_id: The model.
        place: Name of the part of a page that can show the same refusal as another part.
    """
    st.warning(literal(str(refusal)), icon=":material/front_hand:")
    buttons = st.container(horizontal=True)
    if action := remedy(radiograph, refusal.kind):
        buttons.button(
            action,
            key=f"correct:{model_id}:{place}",
            on_click=correct,
            args=(radiograph, refusal),
            type="primary",
            icon=ICONS.get(action, ":material/rotate_right:"),
        )
    buttons.button(
        "Analyze anyway",
        key=f"anyway:{model_id}:{place}",
        on_click=accept_anyway,
        args=(radiograph, model_id),
        icon=":material/arrow_forward:",
    )


def fallback_notice(case: Case) -> None:
    """Show that another model than the chosen one answered, if so."""
    if case.fallback:
        st.info(literal(case.fallback), icon=":material/alt_route:")


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
    fallback_notice(case)
    if case.organ:
        st.markdown(f"Organ view: **{literal(case.organ)}**")


def _key(radiograph: Radiograph, model_id: str) -> tuple[str, str, str]:
    return radiograph.sha256, radiograph.name, model_id
