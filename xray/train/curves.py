"""Curves of a finding for the Models page: operating points, reliability, risk-coverage."""

from __future__ import annotations

import numpy as np

from xray.train.bootstrap import Bootstrap, Figure, Values, on_all

POINTS = 41
BINS = 10


def rounded(values: Values) -> list[float | None]:
    """Return values as numbers for JSON, rounded to four digits, None where undefined."""
    return [None if np.isnan(value) else round(float(value), 4) for value in values]


def operating_curve(
    probabilities: Values, labels: Values, bootstrap: Bootstrap
) -> dict[str, list[float | None]]:
    """Compute sensitivity, specificity and precision over thresholds.

    Args:
        probabilities: Probabilities (n).
        labels: Labels (n), 0 or 1.
        bootstrap: Bootstrap over the films.

    Returns:
        `thresholds` and, for each metric, values with `_low` and `_high` bounds of the 95% interval.
    """
    thresholds = np.unique(np.floor(np.quantile(probabilities, np.linspace(0, 1, POINTS)) * 1e4) / 1e4)
    above = (probabilities[:, None] >= thresholds).astype(np.float64)  # (n, T)
    positive, negative = ((labels == value)[:, None].astype(np.float64) for value in (1, 0))  # (n, 1)
    figures = {
        "sensitivity": _ratio(above * positive, positive),
        "specificity": _ratio((1 - above) * negative, negative),
        "precision": _ratio(above * positive, above),
    }
    curve = {"thresholds": rounded(thresholds)}
    for name, draws in bootstrap.values(figures).items():
        low, high = np.nanquantile(draws, (0.025, 0.975), axis=0)
        values = on_all(figures[name], len(probabilities))
        curve |= {name: rounded(values), f"{name}_low": rounded(low), f"{name}_high": rounded(high)}
    return curve


def reliability(probabilities: Values, labels: Values, bootstrap: Bootstrap) -> list[dict[str, float | None]]:
    """Compute a reliability diagram.

    Args:
        probabilities: Probabilities (n).
        labels: Labels (n), 0 or 1.
        bootstrap: Bootstrap over the films.

    Returns:
        One row per bin of the probability: mean probability, observed share with bounds, number of films.
    """
    which = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    numbers = np.unique(which)
    inside = (which[:, None] == numbers).astype(np.float64)  # (n, bins)
    observed = bootstrap.values({"observed": _ratio(inside * labels[:, None], inside)})["observed"]
    bounds = np.nanquantile(observed, (0.025, 0.975), axis=0).T
    rows = []
    for number, (low, high) in zip(numbers, bounds, strict=True):
        films = which == number
        values = rounded(np.array([probabilities[films].mean(), labels[films].mean(), low, high]))
        rows.append(
            dict(zip(("stated", "observed", "low", "high"), values, strict=True)) | {"n": int(films.sum())}
        )
    return rows


def _ratio(counted: Values, among: Values) -> Figure:
    """Return the figure of weighted sums of counted (n, T) divided by those of among (n, T) or (n, 1)."""

    def figure(weights: Values) -> Values:
        with np.errstate(invalid="ignore", divide="ignore"):
            return (weights @ counted) / (weights @ among)

    return figure


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
