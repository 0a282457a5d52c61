"""Choosing the model that answers: bundled ones, and public ones that have been fetched."""

from __future__ import annotations

import streamlit as st

from xray.models.gate import GATE
from xray.models.registry import ModelEntry, entries, public_entries
from xray.ui.model_overview import is_away

MODEL = "model chosen"


def offered() -> list[ModelEntry]:
    """Every model that answers users: bundled ones, then public ones that have been fetched."""
    return [one for one in (*entries(), *public_entries()) if one.id != GATE and not is_away(one)]


def chosen_model(among: list[ModelEntry] | None = None) -> ModelEntry:
    """The model chosen in the sidebar, of all that are offered or of some. Raises ModelUnavailable."""
    known = {one.id: one for one in among or offered()}
    if st.session_state.get("model") not in known:  # also after another page: a widget forgets, MODEL stays
        kept = st.session_state.get(MODEL)
        st.session_state["model"] = kept if kept in known else next(iter(known))
    model_id = st.sidebar.selectbox("Model", list(known), format_func=lambda id: known[id].title, key="model")
    st.session_state[MODEL] = model_id
    st.sidebar.caption(f"Trained on {known[model_id].trained_on}.")
    return known[model_id]
