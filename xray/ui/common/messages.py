"""Messages on a page: errors, and text from outside, such as file names, shown without formatting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from xray.errors import XrayError

PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def literal(text: str) -> str:
    """Escape text so that Markdown finds nothing to format, link or fetch (CommonMark 2.4)."""
    return PUNCTUATION.sub(r"\\\1", text)


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
