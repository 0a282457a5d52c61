"""Histogram of a cohort's probabilities, and ROC curve and counts against labels."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from xray.cohort import Row
from xray.cohort.comparison import answers
from xray.cohort.labels import listed, truths
from xray.errors import UnusableData, XrayError
from xray.train.targets import targets
from xray.types.answer import percent
from xray.ui.cohort.session import Shown
from xray.ui.common.charts import AMBER, BLUE, GRAY, MARK, PLAIN, SHARE, laid_out
from xray.ui.common.curves import confusion_matrix, roc
from xray.ui.common.escaping import literal
from xray.ui.common.messages import show_error
from xray.ui.common.operating_point import chosen_threshold

BINS = np.linspace(0, 1, 21)


def histogram(shown: Shown, rows: list[Row], finding: str) -> None:
    """Histogram of the probabilities of a finding, by label."""
    answered = [row for row in rows if row.prediction is not None]
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
    figure = go.Figure()
    for name, (members, color) in groups.items():
        if members.any():
            counted, _ = np.histogram(probabilities[members], BINS)
            figure.add_bar(
                x=(BINS[:-1] + BINS[1:]) / 2,
                y=counted.tolist(),
                width=0.046,
                name=name,
                marker={"color": color},
                hovertemplate="about %{x:.1%}: %{y} films " + name + "<extra></extra>",
            )
    figure.add_vline(x=point, line={"color": MARK, "width": 1.5, "dash": "dash"})
    laid_out(figure, f"Probability of {finding}", "Films", 380)
    figure.update_layout(
        barmode="stack", showlegend=bool(len(shown.labels)), legend={"orientation": "h", "y": 1.12}
    )
    figure.update_xaxes(**{**SHARE, "range": [0, 1]})
    reached = int((probabilities >= point).sum())
    st.plotly_chart(
        figure,
        config=PLAIN,
        key="cohort histogram",
        alt=f"Probabilities of {finding} of {len(probabilities)} films",
    )
    st.caption(
        f"{reached:,} of {len(probabilities):,} analyzed films reach the operating point of {percent(point)} "
        "(dashed line). The Models page shows how the model performs on its test films."
    )


def against_labels(shown: Shown, rows: list[Row], finding: str) -> None:
    """ROC curve and counts of the labeled films; without labels, an uploader for them."""
    if not len(shown.labels):
        given = st.file_uploader(
            "Labels: a CSV or TSV with the columns path and labels", type=["csv", "tsv"], key="cohort labels"
        )
        st.caption(
            "One line per film: path or file name, and labels joined by |, for example "
            "`film-01.png,Effusion|Mass` or `film-02.png,No Finding`. With a column patient_id, the "
            "intervals resample patients instead of films."
        )
        if given is not None:
            try:
                names = [file.name for file in shown.job.files]
                shown.labels = listed([(given.name, given.getvalue())], names)
            except XrayError as error:
                show_error(error)
                return
            st.rerun()
        return
    try:
        comparison = shown.comparison(rows, finding)
    except UnusableData as error:
        st.info(literal(str(error)), icon=":material/info:")
        return
    model_point = shown.entry.thresholds[shown.entry.findings.index(finding)]
    threshold = chosen_threshold(model_point, f"cohort point:{shown.entry.id}:{finding}")
    counted = comparison.confusion(threshold)
    (found, missed), (false_alarms, rejected) = counted
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
            alt=f"ROC curve of {finding}, AUROC {comparison.auroc}",
        )
        st.caption(
            f"AUROC {comparison.auroc}, 95% interval over patients; {int(comparison.targets.sum()):,} of "
            f"{len(comparison.targets):,} labeled films show {literal(finding)}. Duplicates count once."
        )
    with right:
        st.markdown("**Counts**")
        st.plotly_chart(
            confusion_matrix(("with finding", "without finding"), counted),
            config=PLAIN,
            key="cohort confusion",
            alt="Counts: label in rows, prediction in columns",
        )
        st.caption(
            f"Sensitivity {_share(found, missed)} ({found} of {found + missed}), specificity "
            f"{_share(rejected, false_alarms)} ({rejected} of {rejected + false_alarms})."
        )
    if shown.entry.activation == "softmax" and len(shown.entry.findings) > 2:
        st.markdown("**Confusion matrix**", help="The most likely finding of every film with a label.")
        st.plotly_chart(
            confusion_matrix(shown.entry.findings, answers(rows, shown.labels)),
            config=PLAIN,
            key="cohort answers",
            alt="Counts of all findings: label in rows, prediction in columns",
        )


def _share(some: int, others: int) -> str:
    return f"{some / (some + others):.1%}"
