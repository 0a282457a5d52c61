"""Error messages on a page, shown without formatting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec

import streamlit as st

from xray.errors import XrayError
from xray.ui.common.escaping import literal

P = ParamSpec("P")


def show_error(error: XrayError) -> None:
    """Show the message of an error."""
    st.error(literal(str(error)), icon=":material/error:")


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show an XrayError that the block raises and end the page."""
    try:
        yield
    except XrayError as error:
        show_error(error)
        st.stop()


def fragment(show: Callable[P, None]) -> Callable[P, None]:
    """A Streamlit fragment that shows an XrayError, since errors of its own reruns do not reach the page."""

    @st.fragment
    @wraps(show)
    def shown(*arguments: P.args, **named: P.kwargs) -> None:
        with errors_shown():
            show(*arguments, **named)

    return shown
