"""Error messages on a page, shown without formatting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from xray.errors import XrayError
from xray.ui.common.escaping import literal


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
