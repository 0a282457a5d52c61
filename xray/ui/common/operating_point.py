"""Choice of an operating point, among measured thresholds or all probabilities."""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from xray.models.figures import FindingFigures
from xray.models.operating_points import OperatingPoint, operating_points
from xray.types.answer import percent

LABEL = "Positive from a probability of"


def chosen_point(finding: FindingFigures, key: str) -> OperatingPoint:
    """Show a slider over the measured operating points; return the chosen one."""
    points = operating_points(finding)
    digits = decimals(points)
    threshold = st.select_slider(
        LABEL,
        list(points),
        value=finding.threshold,
        format_func=lambda point: f"{point:.{digits}%}",
        key=key,
        help=help_text(finding.threshold),
    )
    return points[threshold]


def decimals(probabilities: Collection[float]) -> int:
    """The fewest decimals, at least one, with which different probabilities have different percentages."""
    different = len(set(probabilities))
    return next(
        (n for n in range(1, 5) if len({f"{value:.{n}%}" for value in probabilities}) == different), 5
    )


def chosen_threshold(model_point: float, key: str) -> float:
    """Show a slider over all probabilities that starts at `model_point`; return its value."""
    return st.slider(
        LABEL,
        0.0,
        1.0,
        float(model_point),
        0.0001,
        key=key,
        persist_state="session",
        format="percent",
        help=help_text(model_point),
    )


def help_text(model_point: float) -> str:
    """State the operating point of the model."""
    return f"The operating point of the model is {percent(model_point)}."
