"""Histogram of a cohort's probabilities, and ROC curve and counts against labels."""

from __future__ import annotations

from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from xray.cohort import Row
from xray.cohort.comparison import answers
from xray.cohort.labels import truths
from xray.cohort.slices import FEWEST
from xray.errors import UnusableData
from xray.train.metrics import share
from xray.train.targets import targets
from xray.types import Pixels
from xray.types.answer import percent
from xray.ui.cohort.labels import choose_labels
from xray.ui.cohort.session import Shown
from xray.ui.cohort.worklist import films_menu, pick
from xray.ui.common.charts import ABOVE, AMBER, BLUE, GRAY, MARK, PLAIN, SHARE, clicked_point, laid_out
from xray.ui.common.curves import confusion_matrix, roc
from xray.ui.common.escaping import literal
from xray.ui.common.operating_point import chosen_threshold
from xray.wording import counted

BINS = np.linspace(0, 1, 21)


def histogram(shown: Shown, rows: list[Row], finding: str) -> None:
    """Histogram of the probabilities of a finding, by label."""
    numbers = [number for number, row in enumerate(rows) if row.prediction is not None]
    answered = [rows[number] for number in numbers]
    if not answered:
        st.info("No film has been analyzed yet.", icon=":material/hourglass_empty:")
        return
    probabilities = np.array([row.probability(finding) for row in answered])
    index = shown.entry.findings.index(finding)
    known = targets(truths(shown.labels, (row.file for row in answered)), shown.entry.findings)[:, index]
    groups = {
        "with finding": (known == 1, AMBER),
        "without finding": (known == 0, BLUE),
        "no label": (np.isnan(known), GRAY),
    }
    point = shown.entry.thresholds[index]
    figure, drawn = go.Figure(), [name for name, (members, _) in groups.items() if members.any()]
    for name, (members, color) in groups.items():
        if members.any():
            heights, _ = np.histogram(probabilities[members], BINS)
            figure.add_bar(
                x=(BINS[:-1] + BINS[1:]) / 2,
                y=heights.tolist(),
                width=0.046,
                name=name,
                marker={"color": color},
                selected={"marker": {"opacity": 1}},
                unselected={"marker": {"opacity": 1}},
                hovertemplate="about %{x:.1%}: %{y} films " + name + "<extra></extra>",
            )
    figure.add_vline(x=point, line={"color": MARK, "width": 1.5, "dash": "dash"})
    laid_out(figure, f"Probability of {finding}", "Films", 380)
    figure.update_layout(barmode="stack", showlegend=bool(len(shown.labels)), legend=ABOVE)
    figure.update_xaxes(**{**SHARE, "range": [0, 1]})
    reached = int((probabilities >= point).sum())

    def name_of(name: str, index: int) -> str:
        label = f"{name}: " if len(drawn) > 1 else ""
        return f"{label}{finding} from {BINS[index]:.0%} to {BINS[index + 1]:.0%}"

    def films_of(name: str, index: int) -> tuple[str, list[int]]:
        inside = groups[name][0] & in_bin(probabilities, index)
        return name_of(name, index), [numbers[place] for place in np.flatnonzero(inside)]

    def choose() -> None:
        if point := clicked_point("cohort histogram"):
            pick(shown, films_of(drawn[point["curve_number"]], point["point_index"]))

    st.plotly_chart(
        figure,
        config=PLAIN,
        key="cohort histogram",
        on_select=choose,
        selection_mode="points",
        alt=f"Probabilities of {finding} of {counted(len(probabilities), 'film')}",
    )
    bars = [
        (name, int(index))
        for name in drawn
        for index in np.flatnonzero(np.histogram(probabilities[groups[name][0]], BINS)[0])
    ]
    films_menu(
        shown,
        "cohort histogram",
        [name_of(*bar) for bar in bars],
        lambda number: films_of(*bars[number]),
    )
    st.caption(
        f"{reached:,} of {len(probabilities):,} analyzed films reach the operating point of {percent(point)} "
        "(dashed line). Click a bar, or choose it in the menu, to list its films. The Models page shows how "
        "the model performs on its test films."
    )


def in_bin(probabilities: Pixels, index: int) -> NDArray[np.bool_]:
    """Which probabilities (n) the histogram counts in one of BINS; the last bin includes 1."""
    places = np.minimum(np.searchsorted(BINS, probabilities, side="right") - 1, len(BINS) - 2)
    inside: NDArray[np.bool_] = places == index
    return inside


def against_labels(shown: Shown, rows: list[Row], finding: str) -> None:
    """ROC curve and counts of the labeled films."""
    choose_labels(shown)
    if not len(shown.labels):
        return
    try:
        comparison = shown.comparison(rows, finding)
    except UnusableData as error:
        st.info(literal(str(error)), icon=":material/info:")
        return
    model_point = shown.entry.thresholds[shown.entry.findings.index(finding)]
    key = f"cohort point:{shown.entry.id}:{finding}"
    threshold = chosen_threshold(model_point, key)

    def choose_threshold() -> None:
        if (point := clicked_point("cohort roc")) and point.get("customdata") is not None:
            st.session_state[key] = float(np.clip(comparison.thresholds[point["point_index"]], 0, 1))

    films_of = partial(films_of_cell, shown, rows, finding, threshold)

    def choose_films() -> None:
        if point := clicked_point("cohort confusion"):
            pick(shown, films_of(point["point_index"]))

    cells = comparison.confusion(threshold)
    (found, missed), (false_alarms, rejected) = cells
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**ROC curve**")
        st.plotly_chart(
            roc(
                comparison.false_positive_rate.tolist(),
                comparison.true_positive_rate.tolist(),
                comparison.thresholds.tolist(),
                chosen=(false_alarms / (false_alarms + rejected), found / (found + missed)),
            ),
            config=PLAIN,
            key="cohort roc",
            on_select=choose_threshold,
            selection_mode="points",
            alt=f"ROC curve of {finding}, AUROC {comparison.auroc.value:.3f}",
        )
        interval = (
            f"{comparison.auroc}, 95% interval over patients"
            if comparison.has_interval
            else f"{comparison.auroc.value:.3f}, without an interval, which needs {FEWEST} patients with and "
            f"{FEWEST} without the finding"
        )
        st.caption(
            f"AUROC {interval}; {int(comparison.targets.sum()):,} of "
            f"{len(comparison.targets):,} labeled films show {literal(finding)}. Duplicates count once."
        )
    with right:
        st.markdown("**Counts**")
        st.plotly_chart(
            confusion_matrix(("with finding", "without finding"), cells, clickable=True),
            config=PLAIN,
            key="cohort confusion",
            on_select=choose_films,
            selection_mode="points",
            alt="Counts: label in rows, prediction in columns",
        )
        films_menu(shown, "cohort confusion", [cell_name(finding, cell) for cell in range(4)], films_of)
        st.caption(
            f"Sensitivity {_share(found, missed)}, specificity {_share(rejected, false_alarms)}. "
            "Click a cell, or choose it in the menu, to list its films."
        )
    if shown.entry.activation == "softmax" and len(shown.entry.findings) > 2:
        st.markdown("**Confusion matrix**", help="The most likely finding of every film with a label.")
        st.plotly_chart(
            confusion_matrix(shown.entry.findings, answers(rows, shown.labels)),
            config=PLAIN,
            key="cohort answers",
            alt="Counts of all findings: label in rows, prediction in columns",
        )


def films_of_cell(
    shown: Shown, rows: list[Row], finding: str, threshold: float, cell: int
) -> tuple[str, list[int]]:
    """What the films of a cell of the 2 x 2 confusion matrix have in common, and their indices.

    Args:
        shown: The cohort.
        rows: Its rows.
        finding: The finding.
        threshold: The operating point.
        cell: Number of the cell, row by row: the label, then the prediction, each with the finding first.
    """
    column = shown.entry.findings.index(finding)
    labels = targets(truths(shown.labels, (row.file for row in rows)), shown.entry.findings)[:, column]
    present, positive = cell < 2, cell % 2 == 0
    numbers = [
        number
        for number, row in enumerate(rows)
        if row.prediction is not None
        and not row.duplicate_of
        and labels[number] == present
        and (row.probability(finding) >= threshold) == positive
    ]
    return cell_name(finding, cell), numbers


def cell_name(finding: str, cell: int) -> str:
    """What the films of a cell of the 2 x 2 confusion matrix have in common."""
    label = f"labeled {'with' if cell < 2 else 'without'} {finding}"
    return f"{label}, predicted {'positive' if cell % 2 == 0 else 'negative'}"


def _share(some: int, others: int) -> str:
    """A share with its 95% interval (Wilson) and its counts."""
    estimate = share(some, some + others)
    if estimate is None:
        return "–"
    return f"{estimate.value:.1%} ({estimate.low:.1%} to {estimate.high:.1%}; {some} of {some + others})"
