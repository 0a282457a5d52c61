"""Show a film of another page on the Analyze page, with the model and the finding that it has there."""

from __future__ import annotations

import streamlit as st

from xray.types import Radiograph
from xray.ui.common.escaping import literal
from xray.ui.session import session

ANALYZE = "pages/analyze.py"


def open_in_analyze(film: Radiograph, key: str, model_id: str, finding: str = "", method: str = "") -> None:
    """Show a film on the Analyze page, in place of the running one; it is opened unless its pixels are open.

    Args:
        film: The film.
        key: Its key among the open films.
        model_id: Model to choose.
        finding: Finding to choose; the answer of the model if empty.
        method: Explanation method to choose; unchanged if empty.
    """
    state = session()
    if known := state.key_of(film.sha256):
        state.shown = known[1]
    else:
        state.open(key, film)
    state.choice.model, state.choice.described = model_id, ""
    state.choice.method = method or state.choice.method
    if finding:
        state.choice.findings[film.sha256] = finding
    st.switch_page(ANALYZE)


def open_button(
    film: Radiograph, key: str, model_id: str, finding: str = "", method: str = "", *, name: str, of: str = ""
) -> None:
    """Show a button for open_in_analyze.

    Args:
        film: The film.
        key: Its key among the open films.
        model_id: Model to choose.
        finding: Finding to choose.
        method: Explanation method to choose.
        name: What distinguishes the button from others on the page.
        of: What it opens, read by screen readers where a page has several of these buttons.
    """
    hidden = f" :small[{literal(of)}]" if of else ""  # by page.css
    if st.button(
        f"Open in Analyze{hidden}",
        icon=":material/radiology:",
        type="tertiary",
        key=f"open in analyze:{name}",
    ):
        open_in_analyze(film, key, model_id, finding, method)
