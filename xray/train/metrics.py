"""Metrics as figures of film weights, for bootstrap intervals (see bootstrap.py), thresholds and tests."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from xray.train.bootstrap import Estimate, Figure, Values

Marks = NDArray[np.bool_]

STEPS = 10_000  # thresholds are stored with four decimals


def mean_of(values: Values | Marks, among: Marks | None = None) -> Figure:
    """Return the mean of values (n), optionally among the films of a mask (n) only."""
    marked = np.ones(len(values)) if among is None else among.astype(np.float64)

    def figure(weights: Values) -> Values:
        with np.errstate(invalid="ignore"):
            return (weights @ (values * marked)) / (weights @ marked)

    return figure


def auroc(scores: Values, labels: Values) -> Figure:
    """Return the area under the ROC curve of scores (n) for labels (n); ties count half."""
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(scores[order]) > 0])

    def figure(weights: Values) -> Values:
        ordered = weights[:, order]
        positives = np.add.reduceat(ordered * (labels[order] == 1), starts, axis=1)  # (R, distinct values)
        negatives = np.add.reduceat(ordered * (labels[order] == 0), starts, axis=1)
        below = np.cumsum(negatives, axis=1) - negatives
        with np.errstate(invalid="ignore"):
            return (positives * (below + negatives / 2)).sum(1) / (positives.sum(1) * negatives.sum(1))

    return figure


def wilson(count: float, n: int) -> tuple[float, float]:
    """Return the 95% interval of a share, count of n (Wilson 1927, doi:10.1080/01621459.1927.10502953)."""
    z, p = float(norm.ppf(0.975)), count / n
    middle = p + z**2 / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    low, high = ((middle + side * half) / (1 + z**2 / n) for side in (-1, 1))
    return max(low, 0.0), min(high, 1.0)


def share(count: int, n: int) -> Estimate | None:
    """Return a share, count of n, with Wilson's interval; None if n is 0."""
    return Estimate(count / n, *wilson(count, n)) if n else None


def calibration_error(scores: Values, labels: Values, bins: int = 15) -> Figure:
    """Return the expected calibration error of probabilities (n) for labels (n), in equal-width bins.

    Naeini et al. 2015, doi:10.1609/aaai.v29i1.9602. In [0, 1], lower is better.
    """
    which = np.minimum((scores * bins).astype(int), bins - 1)
    gaps = (labels - scores)[:, None] * (which[:, None] == np.arange(bins))  # (n, bins)
    return lambda weights: np.abs(weights @ gaps).sum(1) / weights.sum(1)


def mean_figure(figures: list[Figure]) -> Figure:
    """Return the mean of several figures, ignoring undefined values."""

    def figure(weights: Values) -> Values:
        return np.nanmean([each(weights) for each in figures], axis=0)

    return figure


def binary_figures(scores: Values, labels: Values, threshold: float) -> dict[str, Figure]:
    """Return the figures of one finding from probabilities (n), labels (n) and a threshold."""
    at = scores >= threshold
    return {
        "auroc": auroc(scores, labels),
        "accuracy": mean_of(at == (labels == 1)),
        "sensitivity": mean_of(at, labels == 1),
        "specificity": mean_of(~at, labels == 0),
        "ece": calibration_error(scores, labels),
        "brier": mean_of((scores - labels) ** 2),
    }


def sensitivity_at(scores: Values, labels: Values, specificity: float) -> Figure:
    """Return the largest sensitivity of scores (n) for labels (n) at the given specificity or above."""
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.r_[np.diff(scores[order]) < 0, True])  # ties share one threshold

    def figure(weights: Values) -> Values:
        ordered = weights[:, order]
        found = np.cumsum(ordered * (labels[order] == 1), axis=1)  # (R, n)
        wrong = np.cumsum(ordered * (labels[order] == 0), axis=1)
        allowed = wrong[:, ends] <= (1 - specificity) * wrong[:, -1:] + 1e-9
        with np.errstate(invalid="ignore"):
            return np.max(found[:, ends] * allowed, axis=1) / found[:, -1]

    return figure


def threshold_at_sensitivity(probabilities: Values, labels: Values, sensitivity: float) -> float:
    """Return the highest threshold in steps of 0.0001 with at least the given sensitivity on these films.

    Args:
        probabilities: (n), float32; from the threshold on, a film counts as positive.
        labels: (n), 0 or 1; NaN if unknown. At least one is 1.
        sensitivity: In (0, 1].
    """
    positives = np.sort(probabilities[labels == 1])[::-1]
    lowest = positives[_needed(sensitivity, len(positives)) - 1]
    return float(np.floor(np.float64(lowest) * STEPS) / STEPS)


def threshold_at_specificity(probabilities: Values, labels: Values, specificity: float) -> float:
    """Return the lowest threshold in steps of 0.0001 with at least the given specificity on these films.

    Args:
        probabilities: (n), float32; from the threshold on, a film counts as positive.
        labels: (n), 0 or 1; NaN if unknown.
        specificity: In [0, 1].
    """
    negatives = np.sort(probabilities[labels == 0])
    below = _needed(specificity, len(negatives))
    if not below:
        return 0.0
    highest = negatives[below - 1]
    step = int(np.floor(np.float64(highest) * STEPS))
    while np.float32(step / STEPS) <= highest:  # predictions are compared in float32
        step += 1
    return step / STEPS


def _needed(share: float, count: int) -> int:
    """Return the smallest number of films that is at least a share of their count."""
    return int(np.ceil(round(share * count, 9)))


def holm(p: Sequence[float]) -> list[float]:
    """Adjust p for several tests by the step-down method of Holm (1979, jstor.org/stable/4615733)."""
    values = np.asarray(p, np.float64)
    order = values.argsort(kind="stable")
    factors = np.arange(len(values), 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.maximum.accumulate(values[order] * factors).clip(max=1)
    return adjusted.tolist()
