"""The tab Calibration: reliability of probabilities, intervals and prediction sets."""

from __future__ import annotations

import streamlit as st

from xray.models.figures import Conformal, Figures, Intervals, ModelFigures
from xray.models.registry import ModelEntry
from xray.ui.common.charts import PLAIN
from xray.ui.common.escaping import literal
from xray.ui.common.estimates import BIAS, estimate, named
from xray.ui.common.messages import fragment
from xray.ui.models.calibration_charts import conformal_coverage, reliability_diagram, risk_coverage


def calibration_tab(entry: ModelEntry, figures: ModelFigures, test: Figures) -> None:
    """Show everything about the calibration of a model that was measured."""
    left, right = st.columns(2, gap="medium")
    with left:
        if test.findings:
            reliability(entry, test)
    with right:
        calibration_errors(figures, test)
        if figures.intervals:
            intervals(figures.intervals)
    left, right = st.columns(2, gap="medium")
    with left:
        if test.conformal:
            coverage(entry, test.conformal)
    with right:
        if test.risk_coverage:
            st.markdown("**Risk and coverage**")
            st.plotly_chart(
                risk_coverage(test.risk_coverage),
                config=PLAIN,
                key="risk-coverage",
                alt="Error rate among the most certain predictions",
            )
            st.caption(
                "The error rate if only the most certain predictions are kept. If the certainty is "
                "informative, the line rises to the right; otherwise it is flat. An error is "
                + (
                    "a film whose most likely finding is not the true one."
                    if entry.activation == "softmax"
                    else "a probability on the wrong side of 50%, over films and findings."
                )
            )


@fragment
def reliability(entry: ModelEntry, test: Figures) -> None:
    """Show the reliability diagram of a chosen finding."""
    st.markdown("**Reliability**")
    name = next(iter(test.findings))
    if len(test.findings) > 1:
        name = st.selectbox("Finding", list(test.findings), key=f"reliability of:{entry.id}")
    finding = test.findings[name]
    st.plotly_chart(
        reliability_diagram(finding.reliability),
        config=PLAIN,
        key="reliability",
        alt=f"Reliability diagram of {name}, ECE {finding.metrics['ece']}",
    )
    st.caption(
        f"Films are grouped by their predicted probability of {literal(name)} (x axis); the y axis shows the "
        "share that has the finding, with 95% CI. The model is calibrated on the dotted line and "
        "overconfident below it. Bars: films per group; points of small groups are unreliable. ECE "
        f"{finding.metrics['ece']}."
    )


def calibration_errors(figures: ModelFigures, test: Figures) -> None:
    """Show the expected calibration error before and after calibration."""
    name = next((name for name in test.metrics if name.endswith("ece")), None)
    if name is None:
        return
    st.markdown("**Calibration error**")
    shown = {
        "Validation, before": figures.validation_uncalibrated.get(name),
        "Validation, after": figures.validation.metrics.get(name) if figures.validation else None,
        "Test, after": test.metrics[name],
    }
    with st.grid(3, min_column_width=110):
        for label, value in shown.items():
            if value:
                estimate(label, value)
    st.caption(
        f"{named(name)}: mean difference between predicted probabilities and observed shares (expected "
        "calibration error); 0 is best. The calibration was fitted on validation films. " + BIAS
    )


def intervals(figures: Intervals) -> None:
    """Show coverage and width of the intervals of probabilities."""
    st.markdown("**Intervals of probabilities**")
    ways = {"augmentation": figures.augmentation, "dropout": figures.dropout}
    known = {way: spread for way, spread in ways.items() if spread}
    st.table(
        {
            "Variation": [way + (" (used)" if way == figures.chosen else "") for way in known],
            "Coverage, validation": [f"{spread.validation:.1%}" for spread in known.values()],
            "Mean width": [f"{spread.width:.1%}" for spread in known.values()],
        }
    )
    test = (
        f"On test films it is {figures.test:.1%}; the target is {figures.target:.0%}. "
        if figures.test
        else ""
    )
    st.caption(
        "Coverage: share of predictions for slightly changed versions of a film that lie inside the interval "
        f"of the film. {test}Augmentation varies the film, dropout the network."
    )


def coverage(entry: ModelEntry, conformal: Conformal) -> None:
    """Show the coverage of the prediction sets."""
    st.markdown("**Prediction sets**")
    st.plotly_chart(
        conformal_coverage(conformal),
        config=PLAIN,
        key="conformal",
        alt=f"Coverage of prediction sets against the target of {conformal.target:.0%}",
    )
    several = entry.activation == "sigmoid"
    st.caption(
        f"A prediction set contains every answer that cannot be ruled out. It should contain the true answer "
        f"for {conformal.target:.0%} of the films of each class (dashed line); bars are 95% CI. "
        + ("Circles: films that show the finding; diamonds: films that do not. " if several else "")
        + f"{conformal.cannot_tell:.1%} of the {'answers' if several else 'films'} are “cannot tell”: "
        "the set contains several answers or none."
    )
