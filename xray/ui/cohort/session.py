"""The open cohort of a session."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import pyarrow as pa
import streamlit as st

from xray.cohort import File, Job, Predictor, Row
from xray.cohort.atlas import Atlas, atlas
from xray.cohort.comparison import Comparison, compare
from xray.cohort.heatmap_clusters import HeatmapClusters
from xray.cohort.labels import Labels
from xray.cohort.record import keep_row
from xray.cohort.slice_table import sliced
from xray.cohort.slices import Slice
from xray.cohort.table import table
from xray.errors import XrayError
from xray.explain import METHODS
from xray.history.keeping import Keeper
from xray.models.embedding import has_embedding
from xray.models.fallback import load_with_fallback
from xray.models.registry import ModelEntry
from xray.pipeline import Request
from xray.train.bootstrap import Estimate
from xray.ui.common.escaping import literal
from xray.ui.common.keeping import cohort_keeper
from xray.ui.common.open_in_analyze import open_in_analyze
from xray.ui.session import KEPT, session

Sliced = tuple[dict[str, Estimate], list[Slice]]


@dataclass
class Shown:
    """A cohort that is analyzed or complete.

    Attributes:
        title: Name of the cohort for users.
        job: The analysis.
        labels: Labels of the films.
        entry: Registry entry of the model.
        fallback: Why the model is not the requested one; empty if it is.
        requested: Id of the requested model.
        anyway: Whether films that the input gate refuses are analyzed.
        keeper: Keeps the results in the history, if enabled.
        evidence: Whether the maps are checked.
        attributes: DICOM attributes that are kept.
        embeddings: Whether the films are embedded.
        watched: Whether the page refreshes itself.
        selected: Index of the film that was selected in the worklist and is not open yet.
        picked: Films that were clicked in a chart: what they have in common, and their indices.
        labels_from: Id of the uploaded list that the labels are from, or empty.
        comparisons: Last comparison with the labels by finding, with its number of rows.
        tables: Last table of results, with its number of rows.
        drawn: Last atlas, with its number of rows.
        clusters: Clustered films and their clusters, by number of rows, finding and choices of the view.
        sliced: Figures by slice, by number of rows, finding and columns.
    """

    title: str
    job: Job
    labels: Labels
    entry: ModelEntry
    fallback: str
    requested: str
    anyway: bool
    keeper: Keeper
    evidence: bool = False
    attributes: tuple[str, ...] = ()
    embeddings: bool = False
    watched: bool = True
    selected: int | None = None
    picked: tuple[str, frozenset[int]] | None = None
    labels_from: str = ""
    comparisons: dict[str, tuple[int, Comparison]] = field(default_factory=dict)
    tables: tuple[int, pa.Table] | None = None
    drawn: tuple[int, Atlas] | None = None
    clusters: dict[tuple[int, str, str, object], tuple[list[int], HeatmapClusters]] = field(
        default_factory=dict
    )
    sliced: dict[tuple[int, str, tuple[str, ...]], Sliced] = field(default_factory=dict)

    def use(self, labels: Labels, labels_from: str) -> None:
        """Use the labels of an uploaded list, and forget what was computed with others."""
        self.labels, self.labels_from = labels, labels_from
        self.comparisons, self.tables, self.sliced = {}, None, {}

    def results(self, rows: list[Row]) -> pa.Table:
        """The table of the rows with their labels and attributes; computed once per number of rows."""
        if self.tables is None or self.tables[0] != len(rows):
            self.tables = len(rows), table(rows, self.entry, self.labels, self.attributes)
        return self.tables[1]

    def atlas(self, rows: list[Row]) -> Atlas:
        """The places of the films; computed once per number of rows. Raises UnusableData."""
        if self.drawn is None or self.drawn[0] != len(rows):
            self.drawn = len(rows), atlas(rows)
        return self.drawn[1]

    def slices(self, rows: list[Row], finding: str, columns: tuple[str, ...]) -> Sliced:
        """Figures of all films and of the slices by some columns; computed once. Raises UnusableData."""
        key = (len(rows), finding, columns)
        if key not in self.sliced:
            self.sliced[key] = sliced(self.results(rows), self.labels, finding, columns)
        return self.sliced[key]

    def comparison(self, rows: list[Row], finding: str) -> Comparison:
        """Compare rows with the labels; computed once per finding and number of rows. Raises UnusableData."""
        kept = self.comparisons.get(finding)
        if kept is None or kept[0] != len(rows):
            kept = self.comparisons[finding] = len(rows), compare(rows, self.labels, finding)
        return kept[1]


def shown_cohort() -> Shown | None:
    """The open cohort of this session."""
    return session().cohort


def start(
    title: str,
    files: list[File],
    labels: Labels,
    model_id: str,
    *,
    anyway: bool,
    keep: bool,
    evidence: bool = False,
    attributes: tuple[str, ...] = (),
    embeddings: bool = False,
) -> None:
    """Analyze a cohort, in place of the open one, and keep its results if requested.

    Raises:
        ModelUnavailable: If no model can be loaded.
    """
    close()
    with st.spinner(f"Loading {literal(model_id)} …", show_time=True):
        model, fallback = load_with_fallback(model_id)
    maps = None if METHODS["gradcam"].refusal(model) else "gradcam"
    request = Request(model_id, maps, anyway=anyway, intervals=False)
    embeddings = embeddings and has_embedding(model)
    predictor = Predictor(request, evidence=evidence, attributes=attributes, embeddings=embeddings)
    keeper = cohort_keeper(enabled=keep)
    job = Job(files, predictor, partial(keep_row, keeper, model.entry))
    session().cohort = Shown(
        title, job, labels, model.entry, fallback, model_id, anyway, keeper, evidence, attributes, embeddings
    )


def close() -> None:
    """Cancel the analysis and drop the films."""
    shown, session().cohort = session().cohort, None
    if shown is not None:
        shown.job.cancel()


def open_film(shown: Shown, number: int, finding: str) -> None:
    """Open a film of the cohort on the Analyze page, or show why it cannot be read."""
    try:
        with st.spinner("Reading …"):
            film = shown.job.files[number].film()
    except XrayError as error:
        st.warning(literal(str(error)), icon=":material/broken_image:")
        return
    open_in_analyze(film, f"{KEPT}cohort:{film.sha256}:{number}", shown.requested, finding)
