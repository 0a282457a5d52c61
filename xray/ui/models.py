"""Choosing a model: tasks first, then the models of the task; public ones are fetched on a click."""

from __future__ import annotations

import streamlit as st

from xray.models.gate import GATE
from xray.models.registry import ModelEntry, entries, fetched_record, public_entries


def offered() -> list[ModelEntry]:
    """Every model that answers users: bundled ones, then public ones that have been fetched."""
    fetched = [one for one in public_entries() if fetched_record(one)]
    return [one for one in entries() if one.id != GATE] + fetched


def chosen_model() -> ModelEntry:
    """The model chosen in the sidebar. Raises ModelUnavailable."""
    known = {one.id: one for one in offered()}
    model_id = st.sidebar.selectbox("Model", list(known), format_func=lambda id: known[id].title)
    st.sidebar.caption(f"Trained on {known[model_id].trained_on}.")
    return known[model_id]
