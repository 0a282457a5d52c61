"""A menu of the History page whose choice stays when the page is left, as long as it is offered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from xray.ui.cohort.session import CHOICES, remembered


def menu(label: str, options: Sequence[str], *, key: str, first: str, **given: Any) -> str:
    """What was chosen before may be gone: films of a model are deleted, another model has other findings."""
    for kept in (st.session_state, st.session_state.setdefault(CHOICES, {})):
        if key in kept and kept[key] not in options:
            del kept[key]
    return remembered(st.selectbox, label, options, key=key, first=first, **given)
