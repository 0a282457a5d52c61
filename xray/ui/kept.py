"""What a widget is set to, kept when its page is left: Streamlit forgets it then."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import streamlit as st


def held(key: str, options: Container[Any]) -> dict[str, Any]:
    """Key and callback for a widget that keeps its value, as long as that is among its options."""
    if kept(key) in options:
        st.session_state[key] = kept(key)
    return {"key": key, "on_change": _from_widget, "args": (key,)}


def kept(key: str) -> Any:
    return st.session_state.get(_own(key))


def hold(key: str, value: Any) -> None:
    """Set a widget from elsewhere."""
    st.session_state[_own(key)] = value


def _from_widget(key: str) -> None:
    hold(key, st.session_state[key])


def _own(key: str) -> str:
    return f"{key}, kept"
