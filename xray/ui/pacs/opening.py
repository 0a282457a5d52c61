"""Open films of a PACS, or films that another program sent to the receiver."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import streamlit as st

from xray.access import may_use
from xray.errors import XrayError
from xray.io.received import received_films
from xray.settings import settings
from xray.types import Radiograph
from xray.ui.access import visitor
from xray.ui.common.escaping import literal
from xray.ui.common.opening import add
from xray.ui.session import KEPT, session

if TYPE_CHECKING:  # the page shows before dicomweb-client is imported
    from xray.io.dicomweb import RemoteFilm

MOST = 200  # films of a search on the page
ANY = "Any"
MODALITIES = (ANY, "DX", "CR", "MG", "IO", "OT")
FOUND = "films of the PACS"  # in the state of the session


def add_from_pacs() -> None:
    """Show a button that opens films of the PACS or received films, if one of them is set up."""
    sources = {"PACS": settings().pacs_url, "Received": settings().received_dir}
    if not any(sources.values()) or not may_use(visitor(), "pacs"):
        return
    label = "From PACS" if sources["PACS"] else "Received"
    if st.button(label, icon=":material/dns:", wrap=False, key="from pacs"):
        st.session_state.pop(FOUND, None)
        st.dialog("Open films", width="large")(choose_films)()


def choose_films() -> None:
    """Show a search of the PACS, or the received films, and open what the user selects."""
    if settings().pacs_url and settings().received_dir:
        chosen = st.segmented_control(
            "Films from", ["PACS", "Received"], default="PACS", required=True, key="remote source"
        )
    else:
        chosen = "PACS" if settings().pacs_url else "Received"
    try:
        if chosen == "PACS":
            _search()
        else:
            _received()
    except XrayError as error:
        st.error(literal(str(error)), icon=":material/cloud_off:")


def _search() -> None:
    """Show the form of a search and its result."""
    from xray.io.dicomweb import Pacs

    with st.form("pacs search", border=False):
        between, modality, part = st.columns([2, 1, 2])
        dates: Any = between.date_input("Study date", [], format="YYYY-MM-DD", key="pacs dates")
        kind = modality.selectbox("Modality", MODALITIES, key="pacs modality")
        examined = part.text_input(
            "Body part", key="pacs body part", placeholder="CHEST", help="`*` matches any characters."
        )
        submitted = st.form_submit_button("Search", type="primary", icon=":material/search:")
    if submitted:
        pacs = Pacs()
        with st.spinner(f"Searching {literal(pacs.host)} …"):
            st.session_state[FOUND] = pacs.search(_filters(dates, kind, examined), most=MOST)
    found: list[RemoteFilm] | None = st.session_state.get(FOUND)
    if found is None:
        st.caption("Films are searched without the names of patients, and opened on this page only.")
    elif not found:
        st.info("No film matches the search. Widen the dates, or leave a field empty.")
    else:
        rows = {
            "Study date": [film.date for film in found],
            "Modality": [film.modality for film in found],
            "Body part": [film.body_part for film in found],
            "Description": [film.description for film in found],
        }
        _choose(
            rows, [_film_name("pacs", film.instance) for film in found], lambda at: Pacs().retrieve(found[at])
        )


def _received() -> None:
    """Show the received films."""
    films = received_films()
    if not films:
        st.info("No film has been received. Send one to `python -m xray receive` from any viewer.")
        return
    rows = {
        "Received": [f"{film.received:%Y-%m-%d %H:%M:%S}" for film in films],
        "Size": [f"{film.size / 2**20:.1f} MiB" for film in films],
    }
    _choose(rows, [_film_name("received", film.path.name) for film in films], lambda at: films[at].content())


def _choose(rows: dict[str, list[str]], names: list[str], retrieve: Callable[[int], bytes]) -> None:
    """Show a table of films, and a button that opens the selected ones."""
    event: Any = st.dataframe(
        rows, hide_index=True, selection_mode="multi-row", on_select="rerun", key=f"table of {names[0]}"
    )
    selected: list[int] = list(event.selection.rows)
    if not st.button(
        f"Open {len(selected) or ''} {'film' if len(selected) == 1 else 'films'}".replace("  ", " "),
        type="primary",
        icon=":material/folder_open:",
        disabled=not selected,
        key="open remote films",
    ):
        return
    for at in selected:
        open_film(names[at], partial(retrieve, at))
    st.rerun()


def open_film(name: str, retrieve: Callable[[], bytes]) -> None:
    """Retrieve a film, and open and show it as an uploaded one."""
    key = f"{KEPT}{name}"
    with st.spinner(f"Retrieving {name} …"):
        add(key, retrieve(), name)
    if isinstance(session().films.get(key), Radiograph):
        session().shown = key


def _filters(dates: Any, modality: str, body_part: str) -> dict[str, str]:
    """The filters of a search; one date alone is the first day of a range."""
    filters = {}
    days = [f"{day:%Y%m%d}" for day in dates if isinstance(day, date)]
    if days:
        filters["StudyDate"] = f"{days[0]}-{days[1] if len(days) > 1 else ''}"
    if modality != ANY:
        filters["Modality"] = modality
    if body_part.strip():
        filters["BodyPartExamined"] = body_part.strip()
    return filters


def _film_name(origin: str, identifier: str) -> str:
    """A file name from a hash, so that no identifier is shown or kept."""
    return f"{origin}-{sha256(identifier.encode()).hexdigest()[:8]}.dcm"
