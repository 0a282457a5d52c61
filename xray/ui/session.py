"""State of a visitor's session between reruns, as a typed object."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, count
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import streamlit as st
from cachetools import LRUCache

from xray.ui.choice import Choice

if TYPE_CHECKING:  # the first page shows before any of these are imported
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from xray.audit import Result
    from xray.errors import UnusableMap
    from xray.evidence.context import Box
    from xray.evidence.map_uncertainty import MapUncertainty
    from xray.history.query import Line
    from xray.learn.cards import Card
    from xray.render.overlay import RGB, Drawing
    from xray.types import Case, Check, Explanation, MapFile, Radiograph
    from xray.ui.cohort.session import Shown
    from xray.ui.learn.deck import Run
    from xray.ui.learn.threshold import Measurement
    from xray.ui.report.drafts import Desk
    from xray.ui.report.saved import SavedReport
    from xray.ui.viewer.region import Region
    from xray.whatif.lesion_lab import Insertion
    from xray.whatif.state import History, State

SAMPLE, KEPT = "sample:", "kept:"  # key prefixes: samples, and other films
KEY = "session"


@dataclass
class WhatIf:
    """State of the What if page; all keys start with the sha256 of the film's pixels.

    Attributes:
        histories: Undo history of each film.
        results: Predictions, response curves and searches, by film, model, kind and change.
        films: The changed films computed last.
        lesions: The lesion that is inserted into each film.
        lesion_cases: The films with a lesion that were analyzed last, by film, model and changed pixels.
        canvas: Number of the current canvas; another number gives an empty one.
        canvas_boxes: Widget key of the canvas that was read last, and the boxes on it.
    """

    histories: dict[tuple[str], History] = field(default_factory=dict)
    results: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    films: dict[tuple[str, State], Radiograph] = field(default_factory=dict)
    lesions: dict[tuple[str], Insertion] = field(default_factory=dict)
    lesion_cases: dict[tuple[str, str, str], Case] = field(default_factory=dict)
    canvas: int = 0
    canvas_boxes: tuple[str, tuple[tuple[int, int, int, int], ...]] = ("", ())


@dataclass
class HistoryState:
    """What this session stored in the history.

    Attributes:
        preferences: Whether results and file names are stored, by owner; read from the database once.
        stored: Row number of each stored Case, by owner, film, model and weights.
        refused: Films whose refusal was stored, by the same key.
        earlier: Rows of earlier sessions on the same film, by the same key.
        error: The last failure, shown in the sidebar.
    """

    preferences: dict[str, tuple[bool, bool]] = field(default_factory=dict)
    stored: dict[tuple[str, str, str, str], int] = field(default_factory=dict)
    refused: set[tuple[str, str, str, str]] = field(default_factory=set)
    earlier: dict[tuple[str, str, str, str], list[Line]] = field(default_factory=dict)
    error: str = ""


@dataclass
class Session:
    """State of one visitor; the values of widgets stay with the widgets.

    Attributes:
        id: Random id, by which feedback of a visitor who is not signed in is stored.
        entered: Whether dashboard.py has run in this session.
        films: Open films by key, or the reason why a file could not be read.
        shown: Key of the film that is shown.
        photograph: Id of the photograph that was read last.
        taken: Ids of the files that were taken from an uploader.
        arrivals: Uploaded files that have not been read.
        originals: DICOM files of open films, by key of the film.
        link: Query parameters of the address with which the session began.
        sample_opened: Whether the sample named in that address has been opened.
        choice: What is shown; the same on all pages.
        view: The values that are shown, for a link, by query parameter.
        reload_key: Secret of the browser tab, by which films and choices survive a reload.
        reload_settled: Whether the key of the tab is known, or the tab had none.
        marks: Regions that the user marked, by viewer and sha256.
        displays: What is shown over a film, by sha256: the heatmap, its mean or its variation.
        cases: By sha256, file name and model.
        accepted_anyway: Films that the user analyzes although the input gate refuses them, as in cases.
        maps: By sha256, file name, model, method and findings.
        uncertainties: Mean and variation of maps, by sha256, file name, model, method and finding.
        box_reasons: By sha256, model and box: pictures, a caption and sentences.
        neighbor_pictures: Training films with maps, by start of the sha256, model, method and finding.
        checks: By sha256, model, finding, method, file of the map and marked boxes.
        external_maps: Maps from files, or why a file is not one, by sha256, model, finding, file and scale.
        samples: Pixels as sent to the viewer, by sha256 and whether they have 16 bits.
        stills: Encoded pictures by sha256, map and drawing, the least recently used first.
        drafts: Report drafts by sha256 and model.
        saved_report: The report that was opened on the History page.
        cohort: The cohort that is open.
        runs: Decks of the Learn page with their progress.
        cards: Films with a lesion that were sent to the Learn page.
        threshold: The measurement of detection thresholds that is in progress or was completed last.
        audits: Audit results by model and films.
    """

    id: str = field(default_factory=partial(secrets.token_hex, 16))
    entered: bool = False
    films: dict[str, Radiograph | str] = field(default_factory=dict)
    shown: str = ""
    photograph: str = ""
    taken: set[str] = field(default_factory=set)
    arrivals: list[UploadedFile] = field(default_factory=list)
    originals: dict[str, bytes] = field(default_factory=dict)
    link: dict[str, str] = field(default_factory=dict)
    sample_opened: bool = False
    choice: Choice = field(default_factory=Choice)
    view: dict[str, str] = field(default_factory=dict)
    reload_key: str = field(default_factory=partial(secrets.token_urlsafe, 32))
    reload_settled: bool = False
    marks: dict[tuple[str, str], tuple[Region, ...]] = field(default_factory=dict)
    displays: dict[tuple[str], str] = field(default_factory=dict)
    cases: dict[tuple[str, str, str], Case] = field(default_factory=dict)
    accepted_anyway: set[tuple[str, str, str]] = field(default_factory=set)
    maps: dict[tuple[str, str, str, str, tuple[str, ...]], tuple[Explanation, ...]] = field(
        default_factory=dict
    )
    uncertainties: dict[tuple[str, str, str, str, str], MapUncertainty] = field(default_factory=dict)
    box_reasons: dict[tuple[str, str, int], tuple[list[RGB], str, tuple[str, ...]]] = field(
        default_factory=dict
    )
    neighbor_pictures: MutableMapping[tuple[str, str, str, str], RGB] = field(
        default_factory=partial(LRUCache, maxsize=64)
    )
    checks: dict[tuple[str, str, str, str, MapFile | None, tuple[Box, ...]], list[Check]] = field(
        default_factory=dict
    )
    external_maps: dict[tuple[object, ...], Explanation | UnusableMap] = field(default_factory=dict)
    samples: dict[tuple[str, bool], bytes] = field(default_factory=dict)
    stills: dict[tuple[str, tuple[object, ...], Drawing], bytes] = field(default_factory=dict)
    whatif: WhatIf = field(default_factory=WhatIf)
    drafts: dict[tuple[str, str], Desk] = field(default_factory=dict)
    saved_report: SavedReport | None = None
    cohort: Shown | None = None
    runs: dict[tuple[str, ...], Run] = field(default_factory=dict)
    cards: list[Card] = field(default_factory=list)
    threshold: Measurement | None = None
    audits: dict[tuple[str, ...], list[Result]] = field(default_factory=dict)
    history: HistoryState = field(default_factory=HistoryState)

    @property
    def open_films(self) -> dict[str, Radiograph]:
        """The films that could be read, by key."""
        return {key: film for key, film in self.films.items() if not isinstance(film, str)}

    def key_of(self, sha256: str) -> tuple[Radiograph, str] | None:
        """The open film with these pixels and its key; None if it is not open."""
        films = self.open_films.items()
        return next(((film, key) for key, film in films if film.sha256 == sha256), None)

    def original_of(self, film: Radiograph) -> bytes | None:
        """The DICOM file of an open film; None for a film from another file."""
        keys = (key for key, known in self.open_films.items() if known.sha256 == film.sha256)
        return next((self.originals[key] for key in keys if key in self.originals), None)

    def open(self, key: str, film: Radiograph) -> None:
        """Add a film to the open ones and show it; a number distinguishes it from another one of its name."""
        taken = {other.name for known, other in self.open_films.items() if known != key}
        written = PurePosixPath(film.name)
        numbered = (f"{written.stem} ({number}){written.suffix}" for number in count(2))
        name = next(name for name in chain([film.name], numbered) if name not in taken)
        self.films[key] = film if name == film.name else replace(film, name=name)
        self.shown = key

    def keep_only(self, films: Iterable[Radiograph]) -> None:
        """Drop everything that belongs to films that are no longer open."""
        identities = {(film.sha256, film.name) for film in films}
        self.cases = {key: case for key, case in self.cases.items() if key[:2] in identities}
        self.accepted_anyway = {key for key in self.accepted_anyway if key[:2] in identities}
        pixels = {sha256 for sha256, _ in identities}
        stores: tuple[dict[Any, Any], ...] = (
            self.displays,
            self.maps,
            self.uncertainties,
            self.box_reasons,
            self.checks,
            self.external_maps,
            self.samples,
            self.stills,
            self.whatif.histories,
            self.whatif.results,
            self.whatif.films,
            self.whatif.lesions,
            self.whatif.lesion_cases,
            self.drafts,
        )
        for store in stores:
            for key in [key for key in store if key[0] not in pixels]:
                del store[key]


def session() -> Session:
    """The state of the visitor whose page is running."""
    if KEY not in st.session_state:
        link = st.query_params.to_dict()
        st.session_state[KEY] = Session(link=link, choice=Choice.from_link(link))
    state: Session = st.session_state[KEY]
    return state
