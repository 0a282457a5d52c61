"""The terms of docs/glossary.md, in a popover on every page."""

from __future__ import annotations

from functools import cache

import streamlit as st

from xray.settings import ROOT

SOURCE = ROOT / "docs" / "glossary.md"


@cache
def terms() -> dict[str, str]:
    """The meaning of each term, as Markdown; empty without the file, which an installed package may lack."""
    if not SOURCE.is_file():
        return {}
    lines = SOURCE.read_text(encoding="utf-8").splitlines()
    rows = [line.strip("| ").split(" | ", 1) for line in lines if line.startswith("| ")]
    return dict(sorted(rows[1:], key=lambda row: row[0].casefold()))  # without the heading


def glossary() -> None:
    """Show a button in the sidebar that lists the terms."""
    if not terms():
        return
    popover = st.sidebar.popover("Glossary", icon=":material/menu_book:", width="stretch")
    with popover.container(height=420, border=False):
        st.markdown("  \n".join(f"**{term}**: {meaning}." for term, meaning in terms().items()))
