"""The user's stored data: place, export and deletion."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import BinaryIO

import streamlit as st

from xray.history import export, query
from xray.history.filters import Filter
from xray.history.store import Store
from xray.ui.access import owner
from xray.ui.common.escaping import literal
from xray.wording import counted


def your_data(store: Store) -> None:
    """Show where the history is stored, and offer export and deletion."""
    number = query.count(store, owner())
    st.markdown(f"**{counted(number, 'film is', 'films are')} stored.**")
    storage_place(store)
    st.markdown("**Export**")
    st.caption("One row per film, model and finding; comments in plain text, no pictures and no reports.")
    kinds: tuple[tuple[str, Callable[[Store, str, Filter, BinaryIO], None], str, str], ...] = (
        ("CSV", export.write_csv, "history.csv", "text/csv"),
        ("Parquet", export.write_parquet, "history.parquet", "application/octet-stream"),
    )
    exporter = owner()  # a download runs outside the run that offers it
    with st.container(horizontal=True):
        for label, write, name, mime in kinds:

            def data(write: Callable[[Store, str, Filter, BinaryIO], None] = write) -> bytes:
                buffer = io.BytesIO()
                write(store, exporter, Filter(), buffer)
                return buffer.getvalue()

            st.download_button(
                label, data, name, mime, on_click="ignore", icon=":material/download:", key=f"export {label}"
            )
    st.markdown("**Delete**")
    st.caption("The database is rewritten without the deleted films. This cannot be undone.")
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Delete file names", icon=":material/label_off:"):
            with st.spinner("Deleting …"):
                store.forget_names(owner())
            st.toast("All stored file names were deleted.")
        with st.popover("Delete all", icon=":material/delete:"):
            st.markdown(f"Delete all {number:,} films with your comments and saved reports?")
            if st.button("Yes, delete all", type="primary", key="delete history"):
                with st.spinner("Deleting …", show_time=True):
                    store.delete(owner())
                st.rerun()


def storage_place(store: Store) -> None:
    """Show where the database and its key are stored."""
    st.caption(
        f"Stored in {literal(store.place)}. Overlays, comments and reports are encrypted with the key in "
        f"{literal(store.key.place)}. They cannot be read without it, so keep a copy of it."
    )
