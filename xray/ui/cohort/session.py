"""The open cohort of a session."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import streamlit as st

from xray.cohort import File, Job, Predictor, Row
from xray.cohort.comparison import Comparison, compare
from xray.cohort.labels import Labels
from xray.cohort.record import keep_row
from xray.errors import XrayError
from xray.explain import METHODS
from xray.history.keeping import Keeper
from xray.models.fallback import load_with_fallback
from xray.models.registry import ModelEntry
from xray.pipeline import Request
from xray.ui.common.escaping import literal
from xray.ui.common.keeping import cohort_keeper
from xray.ui.common.open_in_analyze import open_in_analyze
from xray.ui.session import KEPT, session


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
        watched: Whether the page refreshes itself.
        selected: Index of the film that was selected in the worklist and is not open yet.
        picked: Films that were clicked in a chart: what they have in common, and their indices.
        comparisons: Last comparison with the labels by finding, with its numbers of rows and labels.
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
    watched: bool = True
    selected: int | None = None
    picked: tuple[str, frozenset[int]] | None = None
    comparisons: dict[str, tuple[int, int, Comparison]] = field(default_factory=dict)

    def comparison(self, rows: list[Row], finding: str) -> Comparison:
        """Compare rows with the labels; computed once per finding and number of rows. Raises UnusableData."""
        size = len(rows), len(self.labels)
        kept = self.comparisons.get(finding)
        if kept is None or kept[:2] != size:
            kept = self.comparisons[finding] = (*size, compare(rows, self.labels, finding))
        return kept[2]


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
) -> None:
    """Analyze a cohort, in place of the open one, and keep its results if requested.

    Raises:
        ModelUnavailable: If no model can be loaded.
    """
    close()
    with st.spinner(f"Loading {literal(model_id)} …", show_time=True):
        model, fallback = load_with_fallback(model_id)
    maps = None if METHODS["gradcam"].refusal(model) else "gradcam"
    predictor = Predictor(Request(model_id, maps, anyway=anyway, intervals=False), evidence=evidence)
    keeper = cohort_keeper(enabled=keep)
    job = Job(files, predictor, partial(keep_row, keeper, model.entry))
    session().cohort = Shown(title, job, labels, model.entry, fallback, model_id, anyway, keeper, evidence)


def close() -> None:
    """Cancel the analysis and drop the films."""
    shown, session().cohort = session().cohort, None
    if shown is not None:
        shown.job.cancel()


def open_selected(shown: Shown, finding: str) -> None:
    """Open the selected film, if any, on the Analyze page, or show why it cannot be read."""
    number = shown.selected
    if number is None:
        return
    try:
        with st.spinner("Reading …"):
            film = shown.job.files[number].film()
    except XrayError as error:
        st.warning(literal(str(error)), icon=":material/broken_image:")
        return
    shown.selected = None
    open_in_analyze(film, f"{KEPT}cohort:{film.sha256}:{number}", shown.requested, finding)
