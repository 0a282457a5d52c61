"""What a page draws of a finding: figures at every operating point, stated against observed, risk."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating]

POINTS = 41
BINS = 10


def rounded(values: Values) -> list[float | None]:
    """Plain numbers for JSON, four digits, None where undefined."""
    return [None if np.isnan(value) else round(float(value), 4) for value in values]


def operating_curve(said: Values, happened: Values, weights: Values) -> dict[str, list[float | None]]:
    """Sensitivity, specificity and precision at thresholds from 0 to 1, with bounds over resamples (R, n)."""
    thresholds = np.unique(np.floor(np.quantile(said, np.linspace(0, 1, POINTS)) * 1e4) / 1e4)
    above = (said[:, None] >= thresholds).astype(np.float64)  # (n, T)
    positive, negative = happened == 1, happened == 0
    curve = {"thresholds": rounded(thresholds)}

    def put(name: str, counted: Values, among: Values) -> None:
        once = np.ones((1, len(said)))
        with np.errstate(invalid="ignore", divide="ignore"):
            value = ((once @ counted) / (once @ among))[0]
            drawn = (weights @ counted) / (weights @ among)
        low, high = np.nanquantile(drawn, (0.025, 0.975), axis=0)
        curve.update({name: rounded(value), f"{name}_low": rounded(low), f"{name}_high": rounded(high)})

    put("sensitivity", above * positive[:, None], np.repeat(positive[:, None], len(thresholds), 1) * 1.0)
    put(
        "specificity", (1 - above) * negative[:, None], np.repeat(negative[:, None], len(thresholds), 1) * 1.0
    )
    put("precision", above * positive[:, None], above)
    return curve


def reliability(said: Values, happened: Values, weights: Values) -> list[dict[str, float | None]]:
    """Per bin of stated probability: mean stated, share observed with its bounds, number of films."""
    which = np.minimum((said * BINS).astype(int), BINS - 1)
    rows = []
    for number in np.unique(which):
        inside = which == number
        drawn = weights[:, inside]
        with np.errstate(invalid="ignore"):
            observed = (drawn @ happened[inside]) / drawn.sum(1)
        low, high = np.nanquantile(observed, (0.025, 0.975))
        values = rounded(np.array([said[inside].mean(), happened[inside].mean(), low, high]))
        rows.append(
            dict(zip(("stated", "observed", "low", "high"), values, strict=True)) | {"n": int(inside.sum())}
        )
    return rows


def risk_coverage(confidence: Values, wrong: Values) -> dict[str, list[float | None]]:
    """The share of wrong answers among the most confident, for growing shares of the films.

    El-Yaniv and Wiener 2010, JMLR 11.
    """
    order = np.argsort(-confidence, kind="stable")
    errors = np.cumsum(wrong[order]) / np.arange(1, len(order) + 1)
    shares = np.linspace(0.1, 1, 19)
    return {
        "coverage": rounded(shares),
        "risk": rounded(errors[np.maximum((shares * len(order)).round().astype(int), 1) - 1]),
    }
