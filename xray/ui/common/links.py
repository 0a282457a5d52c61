"""Links to a view: the query parameters of the page address name a simulated sample and the choices.

An address never names a film that the user opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import streamlit as st

from xray.types import Radiograph
from xray.ui.session import session

SAMPLE = "sample"  # query parameter


def link_parameters() -> dict[str, str]:
    """Return the query parameters with which the session began."""
    state = session()
    if state.link is None:
        state.link = st.query_params.to_dict()
    return state.link


def linked_choice(name: str, film: Radiograph, options: Sequence[str], default: str) -> str:
    """Return the option that the link names for this sample, or the default."""
    linked = link_parameters()
    is_sample = film.simulated and film.name == f"{linked.get(SAMPLE)}.png"
    return linked[name] if is_sample and linked.get(name) in options else default


def set_sample(sample: str | None) -> None:
    """Name the shown sample and the choices in the address; None clears the address."""
    if sample is None:
        st.query_params.clear()
    elif st.query_params.get(SAMPLE) != sample:
        st.query_params.from_dict({SAMPLE: sample} | session().view)


def set_parameter(name: str, value: str) -> None:
    """Add a choice to the address if it names a sample."""
    session().view[name] = value
    if SAMPLE in st.query_params:
        st.query_params[name] = value


def link_button() -> None:
    """Offer the address to copy if it names a sample."""
    if SAMPLE in st.query_params:
        with st.popover("Link", icon=":material/link:", help="Copy a link to this view"):
            st.code(f"{st.context.url}?{urlencode(st.query_params.to_dict())}", language=None)
