"""What a widget was set to, kept when its page is left: Streamlit forgets it then."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import streamlit as st


def give_back(key: str, options: Container[Any]) -> None:
    """Said before a widget: set it to what it was, if that is still among its options."""
    kept = st.session_state.get(_own(key))
    if kept in options and st.session_state.get(key) not in options:
        st.session_state[key] = kept


def keep(key: str) -> None:
    """Said after a widget."""
    st.session_state[_own(key)] = st.session_state[key]


def _own(key: str) -> str:
    return f"{key}, kept"
