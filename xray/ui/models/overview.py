"""Which model a page is about: the choice, its facts, and the way to a public one that is not here yet."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from xray.errors import XrayError
from xray.models.public import FETCHERS, fetch, is_away
from xray.models.registry import ModelEntry
from xray.ui.common.text import literal


def model_to_show(known: Iterable[ModelEntry]) -> ModelEntry:
    """The model chosen in the sidebar, where models of one task stand together."""
    models = {entry.id: entry for entry in known}
    tasks = list(dict.fromkeys(entry.task for entry in models.values()))
    ordered = sorted(models, key=lambda id: tasks.index(models[id].task))

    def label(model_id: str) -> str:
        return models[model_id].title + (" (not fetched)" if is_away(models[model_id]) else "")

    model_id = st.sidebar.selectbox("Model", ordered, format_func=label, key="model shown")
    return models[model_id]


def facts(entry: ModelEntry) -> None:
    """What it is, on what it was trained, under which licence."""
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
    if entry.kind == "huggingface":
        revision = f", revision {literal(entry.revision)}" if entry.revision else ""
        return f"[huggingface.co/{entry.source}](https://huggingface.co/{entry.source}){revision}"
    return f"`{entry.source}` of [TorchXRayVision](https://github.com/mlmed/torchxrayvision)"


def fetch_panel(entry: ModelEntry) -> None:
    """A button that downloads a public model; then the page starts over with it."""
    st.markdown(
        "This model is made by others and not here yet. Fetching downloads it once; after that it works "
        "without a connection. Films never leave this computer."
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
        st.caption("It reports: " + ", ".join(map(literal, entry.findings)) + ".")
