"""The Models page: the choice of a model, its facts, its tabs, and the download of a public model."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from xray.errors import XrayError
from xray.models.figures import ModelFigures, model_card, model_figures
from xray.models.public import FETCHERS, fetch, is_away
from xray.models.registry import ModelEntry
from xray.ui.common.cases import offered
from xray.ui.common.escaping import literal
from xray.ui.models.audit_panel import audit_panel
from xray.ui.models.calibration_tab import calibration_tab
from xray.ui.models.figures_tab import figures_tab, headline
from xray.ui.models.training_tab import training_tab
from xray.ui.session import session


def model_to_show(known: Iterable[ModelEntry]) -> ModelEntry:
    """The model chosen in the sidebar, which all pages share; models of one task are listed together.

    The other pages keep their model if this page shows one that they do not offer.
    """
    models = {entry.id: entry for entry in known}
    tasks = list(dict.fromkeys(entry.task for entry in models.values()))
    ordered = sorted(models, key=lambda id: tasks.index(models[id].task))

    def label(model_id: str) -> str:
        return models[model_id].title + (" (not fetched)" if is_away(models[model_id]) else "")

    choice, key = session().choice, "model shown"

    def choose() -> None:
        choice.described = st.session_state[key]
        if choice.described in {entry.id for entry in offered()}:
            choice.model, choice.described = choice.described, ""

    candidates = (choice.described, choice.model, ordered[0])
    st.session_state[key] = next(model_id for model_id in candidates if model_id in models)
    return models[st.sidebar.selectbox("Model", ordered, format_func=label, key=key, on_change=choose)]


def facts(entry: ModelEntry) -> None:
    """Architecture, training data, licence and source of a model."""
    st.subheader(literal(entry.title))
    what = [f"`{entry.id}`", literal(entry.architecture or entry.kind)]
    if entry.kind == "ensemble":
        what.append("mean of " + ", ".join(f"`{member}`" for member in entry.members))
    else:
        what.append(f"{entry.input_size} × {entry.input_size} px")
    if entry.findings:
        what.append(f"{len(entry.findings)} findings")
    if entry.sha256:
        what.append(f"weights `{entry.sha256[:12]}`")
    lines = [
        " · ".join(what),
        f"Trained on {literal(entry.trained_on)}.",
        f"Licence: {literal(entry.licence)}.",
    ]
    if entry.kind in FETCHERS:
        lines.append(f"Source: {source(entry)}.")
    st.caption("  \n".join(lines))


def source(entry: ModelEntry) -> str:
    """Where the weights of a public model come from, as Markdown."""
    if entry.kind == "huggingface":
        revision = f", revision {literal(entry.revision)}" if entry.revision else ""
        return f"[huggingface.co/{entry.source}](https://huggingface.co/{entry.source}){revision}"
    return f"`{entry.source}` of [TorchXRayVision](https://github.com/mlmed/torchxrayvision)"


def fetch_panel(entry: ModelEntry) -> None:
    """Download a public model, then rerun the page."""
    st.markdown(
        "This public model has not been downloaded yet. After one download it works offline. Films never "
        "leave this computer."
    )
    if st.button("Fetch", icon=":material/download:", type="primary", key=f"fetch:{entry.id}"):
        try:
            with st.spinner(f"Fetching {literal(entry.title)} …", show_time=True):
                fetch(entry)
        except XrayError as error:
            st.error(literal(str(error)), icon=":material/cloud_off:")
        else:
            st.rerun()
    if entry.findings:
        st.caption("Findings: " + ", ".join(map(literal, entry.findings)) + ".")


def model_tabs(entry: ModelEntry) -> None:
    """The headline figures, then a tab for each kind of information that the model has."""
    figures, missing = ModelFigures(), f"There are no test figures for {entry.id}."
    try:
        figures = model_figures(entry)
    except XrayError as error:
        missing = str(error)
    if figures.test:
        headline(entry, figures.test)
    else:
        st.info(literal(missing), icon=":material/query_stats:")
    names = ["Figures", "Calibration"] if figures.test else []
    names += ["Training"] if figures.epochs else []
    names += ["Card", "Audit"] if entry.kind not in FETCHERS else ["Audit"]
    tabs = dict(zip(names, st.tabs(names), strict=True))
    if figures.test:
        with tabs["Figures"]:
            figures_tab(entry, figures, figures.test)
        with tabs["Calibration"]:
            calibration_tab(entry, figures, figures.test)
    if figures.epochs:
        with tabs["Training"]:
            training_tab(figures)
    if "Card" in tabs:
        with tabs["Card"]:
            try:
                st.markdown(model_card(entry))
            except XrayError as error:
                st.info(literal(str(error)), icon=":material/description:")
    with tabs["Audit"]:
        audit_panel(entry, list(session().open_films.values()))
