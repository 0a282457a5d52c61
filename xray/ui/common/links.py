"""The address of a page shows the same view to whom it is given, as long as its film is a simulated sample.

A film of the user's own is named in no address.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import streamlit as st

from xray.types import Radiograph
from xray.ui.session import session

SAMPLE = "sample"  # query parameter


def asked_for() -> dict[str, str]:
    """What the address asked for when the session began, by name."""
    state = session()
    if state.link is None:
        state.link = st.query_params.to_dict()
    return state.link


def asked(name: str, film: Radiograph, among: Sequence[str], first: str) -> str:
    """What the address asked for of its own sample, if it is among what there is; else the first."""
    wanted = asked_for()
    of_this = film.simulated and film.name == f"{wanted.get(SAMPLE)}.png"
    return wanted[name] if of_this and wanted.get(name) in among else first


def shows(sample: str | None) -> None:
    """Let the address name the sample that is shown and the model; nothing where it is no sample."""
    if sample is None:
        st.query_params.clear()
    elif st.query_params.get(SAMPLE) != sample:
        st.query_params.from_dict({SAMPLE: sample} | session().view)


def tell(name: str, value: str) -> None:
    """Let the address name a choice too."""
    session().view[name] = value
    if SAMPLE in st.query_params:
        st.query_params[name] = value


def link() -> None:
    """The address to copy, where there is one to give."""
    if SAMPLE in st.query_params:
        with st.popover("Link", icon=":material/link:", help="Copy a link to this view"):
            st.code(f"{st.context.url}?{urlencode(st.query_params.to_dict())}", language=None)
