"""Audit of a model: a button, then one row per check."""

from __future__ import annotations

import streamlit as st

from xray.audit import Result, collect, evaluate
from xray.errors import XrayError
from xray.imaging.phantom import simulated_samples
from xray.models.ensemble import load_model
from xray.models.registry import ModelEntry
from xray.types import Radiograph
from xray.ui.common.escaping import literal
from xray.ui.common.messages import show_error
from xray.ui.session import session

OPEN, SIMULATED = "Open films", "Simulated films"
ICONS = {
    "passed": ":green[:material/check_circle:]",
    "failed": ":red[:material/cancel:]",
    "cannot be judged": ":gray[:material/help:]",
}


def audit_panel(entry: ModelEntry, films: list[Radiograph] | None = None) -> None:
    """Show the audit of a model on the open films or on simulated films.

    The session keeps the results per model and films.
    """
    if films:
        chosen = st.segmented_control(
            "Films",
            [OPEN, SIMULATED],
            default=OPEN,
            required=True,
            key="audited films",
            persist_state="session",
            label_visibility="collapsed",
        )
        films = films if chosen == OPEN else None
    if films:
        st.caption(f"On the films that are open now (n = {len(films)}).")
    else:
        st.caption(
            "On simulated films. They are not radiographs: "
            "they can reveal a faulty model but cannot confirm a good one."
        )
    key = ("audit", entry.id, *(film.sha256 for film in films or ()))
    kept = session().audits
    if st.button("Audit this model", icon=":material/fact_check:", key=f"audit:{entry.id}"):
        try:
            kept[key] = _audited(entry, films or None)
        except XrayError as error:
            show_error(error)
    for result in kept.get(key, []):
        icon, text = st.columns([1, 24], gap="small")
        icon.markdown(ICONS[result.verdict], help=result.verdict.capitalize())
        text.markdown(f"**{literal(result.title)}** {result.verdict.capitalize()}.  \n{literal(result.why)}")


def _audited(entry: ModelEntry, films: list[Radiograph] | None) -> list[Result]:
    with st.spinner(f"Loading {literal(entry.id)} …"):
        model = load_model(entry.id)
    given = films or [sample.build().radiograph for sample in simulated_samples()]
    predictions = []
    bar = st.progress(0.0)
    for index, film in enumerate(given):
        bar.progress(index / len(given), f"Analyzing {literal(film.name)} …")
        predictions.append(collect(model, film))
    bar.empty()
    return evaluate(model, predictions)
