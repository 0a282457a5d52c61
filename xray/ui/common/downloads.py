"""The menu with the files and the link of a film."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import streamlit as st

from xray.ui.common.links import show_link

File = tuple[str, Callable[[], bytes | str], str, str]  # label, content, file name, media type


def download_menu(files: Iterable[File]) -> None:
    """Offer files, which are made when they are requested, and the link to the view."""
    with st.popover("Downloads", icon=":material/download:"):
        for label, data, name, mime in files:
            st.download_button(
                label,
                data,
                name,
                mime,
                on_click="ignore",
                icon=":material/download:",
                key=label,
                width="stretch",
            )
        show_link()
