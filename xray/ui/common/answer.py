"""The statement about a film at the top of a page."""

from __future__ import annotations

import streamlit as st

from xray.types import Answer
from xray.ui.common.escaping import literal

ICONS = {
    "certain": ":material/check_circle:",
    "uncertain": ":material/help:",
    "not measured": ":material/remove_circle:",
}


def show_answer(answer: Answer, *, simulated: bool = False) -> None:
    """Show which finding the model calls, how certain that is, and whether the film is simulated."""
    badge = " :gray-badge[simulated]" if simulated else ""
    st.markdown(f"{ICONS[answer.certainty]} **Answer:** {literal(answer.statement)}{badge}")
