"""Choosing the model that answers: bundled ones, and public ones that have been fetched."""

from __future__ import annotations

import streamlit as st

from xray.models.gate import GATE
from xray.models.public import is_away
from xray.models.registry import ModelEntry, entries, public_entries
from xray.ui.common.links import link_parameters, set_parameter


def offered() -> list[ModelEntry]:
    """Every model that answers users: bundled ones, then public ones that have been fetched."""
    return [one for one in (*entries(), *public_entries()) if one.id != GATE and not is_away(one)]


def chosen_model(among: list[ModelEntry] | None = None) -> ModelEntry:
    """The model chosen in the sidebar, of all that are offered or of some; the same on every page that offers
    all. Raises ModelUnavailable.
    """
    known = {one.id: one for one in among or offered()}
    key = "model" if among is None else "model among some"
    before = st.session_state.get(key, link_parameters().get("model"))
    st.session_state[key] = before if before in known else next(iter(known))
    model_id = st.sidebar.selectbox(
        "Model", list(known), format_func=lambda id: known[id].title, key=key, persist_state="session"
    )
    set_parameter("model", model_id)
    st.sidebar.caption(f"Trained on {known[model_id].trained_on}.")
    return known[model_id]
