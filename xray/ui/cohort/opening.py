"""The empty cohort page: films from files, a ZIP, a folder, or simulated on the spot."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from xray.cohort import File, films_of, folder
from xray.cohort.labels import Labels, listed, of_folder
from xray.cohort.simulated import simulated_cohort
from xray.models.registry import ModelEntry
from xray.ui.access import is_at_this_computer
from xray.ui.cohort.session import remembered, start
from xray.ui.common.text import literal

FILES, FOLDER, SIMULATED = "Files or ZIP", "A folder", "Simulated"
HINTS = {
    FILES: "Drop films or one ZIP, read in memory and never unpacked to disk. A CSV with the columns path "
    "and labels, beside them or within, brings labels along.",
    FOLDER: "The folder is on the computer that runs this page; its subfolders are read too. A labels.csv in "
    "it (path, labels, patient_id), or one folder per class, brings labels along.",
    SIMULATED: "24 files computed here while you watch: chests with and without a planted opacity, one of "
    "them twice, one upside down, two that are no films.",
}

Opened = tuple[str, list[File], Labels]


def opening(model: ModelEntry) -> None:
    """Choose films, then begin. Raises XrayError."""
    local = is_at_this_computer()  # a folder of the server is nobody else's business
    source = remembered(
        st.segmented_control,
        "Films from",
        [FILES, FOLDER, SIMULATED] if local else [FILES, SIMULATED],
        key="cohort source",
        first=FILES,
        required=True,
        label_visibility="collapsed",
    )
    opened = {FILES: _uploaded, FOLDER: _folder, SIMULATED: _simulated}[source]()
    st.caption(HINTS[source])
    if opened is None:
        return
    title, files, labels = opened
    known = sum(labels.of(file.name) is not None for file in files)
    with st.container(horizontal=True, vertical_alignment="center"):
        begin = st.button(
            f"Analyze {len(files):,} {'file' if len(files) == 1 else 'files'}",
            type="primary",
            icon=":material/play_arrow:",
            disabled=not files,
        )
        anyway = st.toggle(
            "Also what the input gate refuses",
            key="cohort anyway",
            help="Films of another region, upside down, inverted and the like; their rows say so.",
        )
        st.markdown(f":gray[{known:,} of them with labels]" if known else ":gray[No labels]", width="content")
    if begin:
        start(title, files, labels, model.id, anyway=anyway)
        st.rerun()


def _uploaded() -> Opened | None:
    given = st.file_uploader(
        "Films", accept_multiple_files=True, key="cohort uploads", label_visibility="collapsed"
    )
    if not given:
        return None
    files, lists = films_of([(one.name, one) for one in given])
    return (given[0].name if len(given) == 1 else f"{len(files):,} files"), files, listed(lists)


def _folder() -> Opened | None:
    typed = remembered(
        st.text_input, "Folder", key="cohort folder", first="", placeholder="/home/me/films"
    ).strip()
    if not typed:
        return None
    place = Path(typed).expanduser()
    with st.spinner(f"Looking into {literal(place.name)} …"):
        return place.name, folder(place), of_folder(place)


def _simulated() -> Opened:
    return ("Simulated cohort", *simulated_cohort())
