"""The curves of a finding with an adjustable operating point, and its consequences at a prevalence."""

from __future__ import annotations

from functools import partial
from math import isnan

import plotly.graph_objects as go
import streamlit as st

from xray.models.figures import Figures, FindingFigures
from xray.models.operating_points import OperatingPoint, operating_points
from xray.models.registry import ModelEntry
from xray.ui.common.charts import PLAIN, clicked_point
from xray.ui.common.curves import precision_recall, roc
from xray.ui.common.escaping import literal
from xray.ui.common.estimates import card, estimate
from xray.ui.common.messages import fragment
from xray.ui.common.operating_point import chosen_point


@fragment
def operating_point(entry: ModelEntry, test: Figures) -> None:
    """Show both curves of a finding, and the effect of the operating point."""
    st.markdown("**Operating point**")
    choice, threshold, share = st.columns([2, 3, 3], gap="medium")
    name = choice.selectbox("Finding", list(test.findings), key=f"curve of:{entry.id}")
    finding = test.findings[name]
    with threshold:
        key = f"point:{entry.id}:{name}"
        chosen = chosen_point(finding, key)

    def choose(chart: str) -> None:
        if (point := clicked_point(chart)) and point.get("customdata") is not None:
            st.session_state[key] = finding.curve.thresholds[point["point_index"]]

    prevalence = share.slider(
        "Prevalence",
        0.1,
        99.9,
        value=round(100 * finding.prevalence, 1),
        step=0.1,
        format="%.1f%%",
        key=f"prevalence:{entry.id}:{name}",
        help=f"Share of films that show the finding; {finding.prevalence:.1%} of the test films do.",
    )
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**ROC curve**")
        st.plotly_chart(
            roc_of(finding, chosen),
            config=PLAIN,
            key="roc",
            on_select=partial(choose, "roc"),
            selection_mode="points",
            alt=f"ROC curve of {name}, AUROC {finding.metrics['auroc']}",
        )
        st.caption(
            f"Sensitivity for {literal(name)} and false positive rate at each threshold. Click a point of a "
            "curve to choose it. Closer to the top left corner is better; the dotted line is chance. AUROC "
            f"{finding.metrics['auroc']}; "
            "shaded: 95% CI of the sensitivity."
        )
    with right:
        st.markdown("**Precision-recall curve**")
        st.plotly_chart(
            precision_recall(finding, operating_points(finding)[finding.threshold], chosen),
            config=PLAIN,
            key="precision-recall",
            on_select=partial(choose, "precision-recall"),
            selection_mode="points",
            alt=f"Precision-recall curve of {name}",
        )
        st.caption(
            f"Precision: share of positive predictions that show {literal(name)}. Recall: share of films "
            "with the finding that are predicted positive. The dotted line is chance: the prevalence. "
            "Diamond: point chosen above; ring: operating point of the model."
        )
    consequences(name, finding, chosen, prevalence / 100)


def consequences(name: str, finding: FindingFigures, chosen: OperatingPoint, prevalence: float) -> None:
    """Show counts on the test films, and predictive values at a prevalence."""
    positive, negative = chosen.predictive_values(prevalence)
    with st.grid(4, min_column_width=150):
        estimate("Sensitivity", chosen.sensitivity)
        estimate("Specificity", chosen.specificity)
        note = f"prevalence {prevalence:.1%}"
        card(
            "PPV",
            positive,
            note,
            "Positive predictive value: the probability that a positive prediction is correct.",
        )
        card(
            "NPV",
            negative,
            note,
            "Negative predictive value: the probability that a negative prediction is correct.",
        )
    negatives = finding.n - finding.positives
    found, missed, false_alarms, rejected = chosen.counts(finding.positives, negatives)
    counted, text = st.columns([3, 4], gap="medium", vertical_alignment="center")
    counted.table(
        {
            f"{finding.n} test films": [
                f"with {literal(name)} ({finding.positives})",
                f"without ({negatives})",
            ],
            "predicted positive": [round(found), round(false_alarms)],
            "predicted negative": [round(missed), round(rejected)],
        }
    )
    sick = 1000 * prevalence
    found, missed, false_alarms, _ = chosen.counts(sick, 1000 - sick)
    text.markdown(
        f"Of 1,000 films, {sick:.0f} show the finding: {found:.0f} are found and {missed:.0f} missed. Of the "
        f"others, {false_alarms:.0f} are predicted positive, so {positive:.1%} of the positive predictions "
        "are correct."
        if not isnan(positive)
        else "No film is predicted positive at this point."
    )


def roc_of(finding: FindingFigures, chosen: OperatingPoint) -> go.Figure:
    """Draw the ROC curve of a finding with the interval of the sensitivity."""
    curve, metrics = finding.curve, finding.metrics
    return roc(
        [None if value is None else 1 - value for value in curve.specificity],
        curve.sensitivity,
        curve.thresholds,
        chosen=(1 - chosen.specificity.value, chosen.sensitivity.value),
        model=(1 - metrics["specificity"].value, metrics["sensitivity"].value),
        bounds=(curve.sensitivity_low, curve.sensitivity_high),
    )
