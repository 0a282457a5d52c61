"""Whether a model's probabilities, intervals and prediction sets keep their word."""

from __future__ import annotations

import streamlit as st

from xray.models.figures import Conformal, Figures, Intervals, ModelFigures
from xray.models.registry import ModelEntry
from xray.ui.common.messages import literal
from xray.ui.models.calibration_charts import conformal_coverage, reliability_diagram, risk_coverage
from xray.ui.models.figures_tab import PLAIN, estimate, named


def calibration_tab(entry: ModelEntry, told: ModelFigures, test: Figures) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        if test.findings:
            reliability(entry, test)
    with right:
        calibration_errors(told, test)
        if told.intervals:
            intervals(told.intervals)
    left, right = st.columns(2, gap="medium")
    with left:
        if test.conformal:
            coverage(entry, test.conformal)
    with right:
        if test.risk_coverage:
            st.markdown("**Certainty and error**")
            st.plotly_chart(
                risk_coverage(test.risk_coverage),
                config=PLAIN,
                key="risk-coverage",
                alt="Share of wrong answers among the most certain ones",
            )
            st.caption(
                "If only the most certain predictions were kept (left), how many would be wrong. A useful "
                "certainty makes the line rise to the right; a flat line means that it tells nothing. Wrong: "
                + (
                    "the most likely finding is not the true one."
                    if entry.activation == "softmax"
                    else "a probability on the wrong side of 50%, over films and findings."
                )
            )


@st.fragment
def reliability(entry: ModelEntry, test: Figures) -> None:
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
        f"Films are put together by the probability of {literal(name)} that the model states (right); up is "
        "how many truly show it, with 95% CI. On the dotted line it keeps its word; below, it states too "
        "much. "
        f"Bars: films per group; where there are few, the point means little. ECE {finding.metrics['ece']}."
    )


def calibration_errors(told: ModelFigures, test: Figures) -> None:
    """Expected calibration error before and after calibration."""
    name = next((name for name in test.metrics if name.endswith("ece")), None)
    if name is None:
        return
    st.markdown("**Calibration error**")
    shown = {
        "Validation, before": told.validation_uncalibrated.get(name),
        "Validation, after": told.validation.metrics.get(name) if told.validation else None,
        "Test, after": test.metrics[name],
    }
    with st.grid(3, min_column_width=110):
        for label, value in shown.items():
            if value:
                estimate(label, value)
    st.caption(
        f"{named(name)}, expected calibration error: how far stated probabilities are from what happened, "
        "on average; 0 is best. Before and after calibration, fitted on validation films. Chance alone "
        "adds to it, and drawing films anew adds more, so that its interval may lie above it."
    )


def intervals(told: Intervals) -> None:
    st.markdown("**Intervals of probabilities**")
    ways = {"augmentation": told.augmentation, "dropout": told.dropout}
    known = {way: spread for way, spread in ways.items() if spread}
    st.table(
        {
            "Drawn from": [way + (" (used)" if way == told.chosen else "") for way in known],
            "Holds, validation": [f"{spread.validation:.1%}" for spread in known.values()],
            "Mean width": [f"{spread.width:.3f}" for spread in known.values()],
        }
    )
    said = f"On test films it holds {told.test:.1%}; the aim is {told.target:.0%}. " if told.test else ""
    st.caption(
        "How often the interval of a probability contains the share observed among films with "
        f"alike. {said}Augmentation asks about the film slightly changed, dropout with parts of the network "
        "left out."
    )


def coverage(entry: ModelEntry, conformal: Conformal) -> None:
    st.markdown("**Prediction sets**")
    st.plotly_chart(
        conformal_coverage(conformal),
        config=PLAIN,
        key="conformal",
        alt=f"Coverage of prediction sets against the target of {conformal.target:.0%}",
    )
    several = entry.activation == "sigmoid"
    st.caption(
        f"A prediction set holds every answer that cannot be ruled out. It should hold the true one for "
        f"{conformal.target:.0%} of films of every kind (dashed line); bars are 95% CI. "
        + ("Circles: films that show the finding; diamonds: films that do not. " if several else "")
        + f"{conformal.cannot_tell:.1%} of the {'answers' if several else 'films'} are “cannot tell”: "
        "more than one answer, or none, is left."
    )
