"""Curves of a finding for the Models page: operating points, reliability, risk-coverage."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating]

POINTS = 41
BINS = 10


def rounded(values: Values) -> list[float | None]:
    """Return values as numbers for JSON, rounded to four digits, None where undefined."""
    return [None if np.isnan(value) else round(float(value), 4) for value in values]


def operating_curve(probabilities: Values, labels: Values, weights: Values) -> dict[str, list[float | None]]:
    """Compute sensitivity, specificity and precision over thresholds.

    Args:
        probabilities: Probabilities (n).
        labels: Labels (n), 0 or 1.
        weights: Bootstrap weights (R, n).

    Returns:
        `thresholds` and, for each metric, values with `_low` and `_high` bounds of the 95% interval.
    """
    thresholds = np.unique(np.floor(np.quantile(probabilities, np.linspace(0, 1, POINTS)) * 1e4) / 1e4)
    above = (probabilities[:, None] >= thresholds).astype(np.float64)  # (n, T)
    positive, negative = labels == 1, labels == 0
    curve = {"thresholds": rounded(thresholds)}

    def add(name: str, counted: Values, among: Values) -> None:
        once = np.ones((1, len(probabilities)))
        with np.errstate(invalid="ignore", divide="ignore"):
            value = ((once @ counted) / (once @ among))[0]
            draws = (weights @ counted) / (weights @ among)
        low, high = np.nanquantile(draws, (0.025, 0.975), axis=0)
        curve.update({name: rounded(value), f"{name}_low": rounded(low), f"{name}_high": rounded(high)})

    add("sensitivity", above * positive[:, None], np.repeat(positive[:, None], len(thresholds), 1) * 1.0)
    add(
        "specificity", (1 - above) * negative[:, None], np.repeat(negative[:, None], len(thresholds), 1) * 1.0
    )
    add("precision", above * positive[:, None], above)
    return curve


def reliability(probabilities: Values, labels: Values, weights: Values) -> list[dict[str, float | None]]:
    """Compute a reliability diagram.

    Args:
        probabilities: Probabilities (n).
        labels: Labels (n), 0 or 1.
        weights: Bootstrap weights (R, n).

    Returns:
        One row per bin of the probability: mean probability, observed share with bounds, number of films.
    """
    which = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    rows = []
    for number in np.unique(which):
        inside = which == number
        draws = weights[:, inside]
        with np.errstate(invalid="ignore"):
            observed = (draws @ labels[inside]) / draws.sum(1)
        low, high = np.nanquantile(observed, (0.025, 0.975))
        values = rounded(np.array([probabilities[inside].mean(), labels[inside].mean(), low, high]))
        rows.append(
            dict(zip(("stated", "observed", "low", "high"), values, strict=True)) | {"n": int(inside.sum())}
        )
    return rows


def risk_coverage(confidence: Values, wrong: Values) -> dict[str, list[float | None]]:
    """Compute the error rate among the most confident predictions (El-Yaniv and Wiener 2010, JMLR 11).

    Args:
        confidence: Confidence of each prediction (n).
        wrong: 1 for a wrong prediction, 0 otherwise (n).
    """
    order = np.argsort(-confidence, kind="stable")
    errors = np.cumsum(wrong[order]) / np.arange(1, len(order) + 1)
    shares = np.linspace(0.1, 1, 19)
    return {
        "coverage": rounded(shares),
        "risk": rounded(errors[np.maximum((shares * len(order)).round().astype(int), 1) - 1]),
    }
