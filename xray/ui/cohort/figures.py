"""What a cohort's answers look like together: a histogram, and curves against labels where there are any."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from xray.cohort import Row
from xray.cohort.comparison import Comparison, answers, compare
from xray.cohort.labels import listed, targets, truths
from xray.errors import UnusableData, XrayError
from xray.ui.cohort.session import Shown, remembered
from xray.ui.common.charts import AMBER, BLUE, GRAY, MARK, NIGHT
from xray.ui.common.text import literal
from xray.ui.models.curves import GUESS, SHARE, confusion_matrix, laid_out

BINS = np.linspace(0, 1, 21)
PLAIN = {"displayModeBar": False}


def histogram(shown: Shown, rows: list[Row], finding: str) -> None:
    """How many films have which probability, told apart by their labels."""
    answered = [row for row in rows if row.prediction is not None]
    if not answered:
        st.info("No film has an answer yet.", icon=":material/hourglass_empty:")
        return
    said = np.array([row.probability(finding) for row in answered])
    index = shown.entry.findings.index(finding)
    known = targets(truths(shown.labels, (row.file for row in answered)), shown.entry.findings)[:, index]
    groups = {
        "with it": (known == 1, AMBER),
        "without it": (known == 0, BLUE),
        "no label": (np.isnan(known), GRAY),
    }
    point = shown.entry.thresholds[index]
    figure = go.Figure()
    for name, (mine, color) in groups.items():
        if mine.any():
            counted, _ = np.histogram(said[mine], BINS)
            figure.add_bar(
                x=(BINS[:-1] + BINS[1:]) / 2,
                y=counted.tolist(),
                width=0.046,
                name=name,
                marker={"color": color},
                hovertemplate="about %{x:.0%}: %{y} films " + name + "<extra></extra>",
            )
    figure.add_vline(x=point, line={"color": MARK, "width": 1.5, "dash": "dash"})
    laid_out(figure, f"Probability of {finding}", "Films", 380)
    figure.update_layout(
        barmode="stack", showlegend=bool(len(shown.labels)), legend={"orientation": "h", "y": 1.12}
    )
    figure.update_xaxes(**{**SHARE, "range": [0, 1]})
    reached = int((said >= point).sum())
    st.plotly_chart(
        figure, config=PLAIN, key="cohort histogram", alt=f"Probabilities of {finding} of {len(said)} films"
    )
    st.caption(
        f"{reached:,} of {len(said):,} answered films reach the operating point of {point:.2%} (dashed). "
        "The model was measured on other films: see the Models page."
    )


def against_labels(shown: Shown, rows: list[Row], finding: str) -> None:
    """ROC curve and counts for the films with a label; without labels, the place to give some."""
    if not len(shown.labels):
        given = st.file_uploader(
            "Labels: a CSV with the columns path and labels", type="csv", key="cohort labels"
        )
        st.caption(
            "One line per film: its path or file name, and its labels joined by |, as in "
            "`film-01.png,Effusion|Mass` or `film-02.png,No Finding`. A column patient_id keeps films of one "
            "patient together in the intervals."
        )
        if given is not None:
            try:
                shown.labels = listed([(given.name, given.getvalue())])
            except XrayError as error:
                st.error(literal(str(error)), icon=":material/error:")
                return
            st.rerun()
        return
    try:
        told = compare(rows, shown.labels, finding)
    except UnusableData as error:
        st.info(literal(str(error)), icon=":material/info:")
        return
    own = shown.entry.thresholds[shown.entry.findings.index(finding)]
    threshold = remembered(
        st.slider,
        "Call it positive from a probability of",
        0.0,
        1.0,
        key=f"cohort point:{shown.entry.id}:{finding}",
        first=float(own),
        step=0.0001,
        format="percent",
        help=f"It starts at the model's own operating point, {own:.2%}.",
    )
    counted = told.confusion(threshold)
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**ROC curve**")
        st.plotly_chart(
            _roc(told, counted),
            config=PLAIN,
            key="cohort roc",
            alt=f"ROC curve of {finding}, AUROC {told.auroc}",
        )
        st.caption(
            f"AUROC {told.auroc}, 95% interval over patients; {int(told.targets.sum()):,} of "
            f"{len(told.targets):,} labeled films show {finding}. A film that is there twice counts once."
        )
    with right:
        st.markdown("**Counts**")
        st.plotly_chart(
            confusion_matrix(("with it", "without it"), counted),
            config=PLAIN,
            key="cohort confusion",
            alt="Counts: true in rows, called in columns",
        )
        (found, missed), (wrong, alone) = counted
        st.caption(
            f"Found {found} of {found + missed} with it ({_share(found, missed)}), left alone {alone} of "
            f"{alone + wrong} without ({_share(alone, wrong)})."
        )
    if shown.entry.activation == "softmax" and len(shown.entry.findings) > 2:
        st.markdown("**All answers**", help="The most likely finding of every film whose label names one.")
        st.plotly_chart(
            confusion_matrix(shown.entry.findings, answers(rows, shown.labels)),
            config=PLAIN,
            key="cohort answers",
            alt="Counts of all findings: true in rows, called in columns",
        )


def _share(some: int, others: int) -> str:
    return f"{some / (some + others):.1%}"


def _roc(told: Comparison, counted: list[list[int]]) -> go.Figure:
    (found, missed), (wrong, alone) = counted
    figure = go.Figure()
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line=GUESS, hoverinfo="skip")
    figure.add_scatter(
        x=told.false_positive_rate,
        y=told.true_positive_rate,
        mode="lines",
        line={"color": AMBER, "width": 2, "shape": "linear"},
        customdata=told.thresholds,
        hovertemplate="threshold %{customdata:.2%}: %{y:.1%} against %{x:.1%}<extra></extra>",
    )
    figure.add_scatter(
        x=[wrong / (wrong + alone)],
        y=[found / (found + missed)],
        mode="markers",
        marker={"symbol": "diamond", "size": 11, "color": MARK, "line": {"width": 1.5, "color": NIGHT}},
        hovertemplate="chosen point: %{y:.1%} against %{x:.1%}<extra></extra>",
    )
    laid_out(figure, "False positives, of all without it", "Sensitivity", 340)
    figure.update_xaxes(**SHARE)
    figure.update_yaxes(**SHARE)
    return figure
