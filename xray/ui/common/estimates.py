"""Measured values with their confidence intervals."""

from __future__ import annotations

from math import isnan

import streamlit as st

from xray.models.figures import Estimate

BIAS = (
    "Chance increases an expected calibration error, and resampling for the interval increases it further, "
    "so the interval can lie above the value."
)
NAMES = {
    "auroc": "AUROC",
    "macro_auroc": "Mean AUROC",
    "ece": "ECE",
    "macro_ece": "Mean ECE",
    "brier": "Brier score",
}


def named(metric: str) -> str:
    """The name of a metric for users."""
    return NAMES.get(metric, metric.replace("_", " ").capitalize())


def card(label: str, value: float, note: str, explained: str | None = None) -> None:
    """Show a number with a note below; NaN as a dash."""
    st.metric(
        label,
        "–" if isnan(value) else f"{value:.3f}",
        delta=note,
        delta_color="off",
        delta_arrow="off",
        border=True,
        height="stretch",
        help=explained,
    )


def estimate(label: str, shown: Estimate) -> None:
    """Show a value with its interval; an interval above the value is explained."""
    card(label, shown.value, shown.span, BIAS if shown.value < shown.low else None)
