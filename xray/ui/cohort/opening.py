"""The Cohort page before the analysis: films from files, a ZIP, a folder, or simulated."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import streamlit as st

from xray.access import may_use
from xray.cohort import File, films_of, folder
from xray.cohort.labels import Labels, beside, listed, of_folder, truths
from xray.cohort.pacs import pacs_films
from xray.cohort.simulated import simulated_cohort
from xray.cohort.source import Content
from xray.io.dicom_attributes import ATTRIBUTES
from xray.io.dicomweb import SCHEME
from xray.models.registry import ModelEntry
from xray.settings import settings
from xray.train.targets import targets
from xray.types import Radiograph
from xray.ui.access import visitor
from xray.ui.cohort.session import start
from xray.ui.common.escaping import literal
from xray.ui.common.keeping import is_keeping
from xray.ui.session import session
from xray.wording import counted

FILES, OPEN, FOLDER, PACS, SIMULATED = "Files or ZIP", "Open films", "A folder", "PACS", "Simulated"
HINTS = {
    FILES: "Drop films or one ZIP; it is read in memory and not unpacked to disk. Labels are read from a CSV "
    "with the columns path and labels, dropped with the films or inside the ZIP.",
    OPEN: "The films that are open on the other pages.",
    FOLDER: "A folder on the computer that runs this page, with its subfolders. Labels are read from a "
    "labels.csv in it (path, labels, patient_id), a data.yaml, or one folder per class.",
    PACS: "A search of the PACS: DICOM keywords with values, joined by &. `*` and `?` are wildcards. Rows "
    "are named after the SOP Instance UID.",
    SIMULATED: "24 files computed on demand: chests with and without a simulated opacity, one duplicate, one "
    "upside down, and two files that are not films.",
}

Opened = tuple[str, list[File], Labels]


def opening(model: ModelEntry) -> None:
    """Choose films, then start the analysis.

    Raises:
        XrayError: If a ZIP, a folder or a list of labels cannot be read.
    """
    source = st.segmented_control(
        "Films from",
        _sources(),
        default=FILES,
        required=True,
        key="cohort source",
        persist_state="session",
        label_visibility="collapsed",
    )
    opened = {FILES: _uploaded, OPEN: _open, FOLDER: _folder, PACS: _pacs, SIMULATED: _simulated}[source]()
    st.caption(HINTS[source])
    if opened is None:
        return
    title, files, labels = opened
    given = targets(truths(labels, (file.name for file in files)), model.findings)  # (films, findings)
    known = int((~np.isnan(given)).any(axis=1).sum())
    if note := labels.note(model.findings):
        st.warning(literal(note), icon=":material/rule:")
    with st.container(horizontal=True, vertical_alignment="center"):
        begin = st.button(
            f"Analyze {counted(len(files), 'file')}",
            type="primary",
            icon=":material/play_arrow:",
            disabled=not files,
        )
        anyway = st.toggle(
            "Include films that the input gate refuses",
            key="cohort anyway",
            help="Films of another body region, upside down or inverted, for example; their rows are marked.",
        )
        evidence = st.toggle(
            "Check the maps",
            key="cohort evidence",
            help="Adds a column with the verdict on the map of each film. This takes seconds per film.",
        )
        embeddings = st.toggle(
            "Embed for the atlas",
            key="cohort embeddings",
            help="For the view Atlas, which shows the films by the features of the network. One more forward "
            "pass per film.",
        )
        keep = is_keeping() and st.toggle(
            "Keep results",
            settings().history,
            key="cohort keep",
            help="Stores the predictions of each film in the history, as for single films.",
        )
        st.markdown(f":gray[{known:,} with labels]" if known else ":gray[No labels]", width="content")
    attributes = tuple(
        st.multiselect(
            "DICOM attributes to group films by",
            ATTRIBUTES,
            key="cohort attributes",
            persist_state="session",
            placeholder="None",
            help="They are read from the header of each film for the view Slices and the table of results. "
            "Columns of a list of labels, such as age or sex, need no choice.",
        )
    )
    if begin:
        options = {"anyway": anyway, "keep": keep, "evidence": evidence, "embeddings": embeddings}
        start(title, files, labels, model.id, **options, attributes=attributes)
        st.rerun()


def _sources() -> list[str]:
    films = [OPEN] if session().open_films else []
    folder = [FOLDER] if may_use(visitor(), "files") else []
    pacs = [PACS] if settings().pacs_url and may_use(visitor(), "pacs") else []
    return [FILES, *films, *folder, *pacs, SIMULATED]


def _uploaded() -> Opened | None:
    given = st.file_uploader(
        "Films", accept_multiple_files=True, key="cohort uploads", label_visibility="collapsed"
    )
    if not given:
        return None
    files, lists = films_of([(file.name, file) for file in given])
    title = given[0].name if len(given) == 1 else counted(len(files), "file")
    return title, files, beside(listed, lists, [file.name for file in files])


def _open() -> Opened:
    def content(key: str, film: Radiograph) -> Content:
        return originals.get(key, film)

    films, originals = session().open_films, session().originals
    return OPEN, [File(film.name, partial(content, key, film)) for key, film in films.items()], Labels({})


def _folder() -> Opened | None:
    typed = st.text_input(
        "Folder", key="cohort folder", persist_state="session", placeholder="/home/me/films"
    ).strip()
    if not typed:
        return None
    place = Path(typed).expanduser()
    with st.spinner(f"Reading {literal(place.name)} …"):
        return place.name, folder(place, visitor()), beside(of_folder, place, visitor())


def _pacs() -> Opened | None:
    search = st.text_input(
        "Search",
        key="cohort search",
        persist_state="session",
        placeholder="Modality=DX&StudyDate=20240101-20241231",
    ).strip()
    if not search:
        return None
    with st.spinner("Searching the PACS …"):
        return "PACS", pacs_films(f"{SCHEME}?{search}"), Labels({})


def _simulated() -> Opened:
    return ("Simulated cohort", *simulated_cohort())
