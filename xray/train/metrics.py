"""Metrics with 95% confidence intervals from a bootstrap over patients.

A Figure is a function of film weights: it maps (R, n), one row per resample, to (R), NaN where undefined.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating]
Marks = NDArray[np.bool_]
Figure = Callable[[Values], Values]

RESAMPLES = 2000


@dataclass(frozen=True)
class Estimate:
    """A value with the 2.5th and 97.5th percentile of its bootstrap distribution."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


def resampled(patients: list[str], resamples: int = RESAMPLES, seed: int = 0) -> Values:
    """Draw bootstrap weights over patients.

    Args:
        patients: Patient of each film (n).
        resamples: Number of resamples R.
        seed: Seed of the random generator.

    Returns:
        How often each film occurs in each resample, (R, n).
    """
    names, of_patient = np.unique(patients, return_inverse=True)
    draws = np.random.default_rng(seed).integers(len(names), size=(resamples, len(names)))
    counts = np.stack([np.bincount(row, minlength=len(names)) for row in draws])
    return counts[:, of_patient].astype(np.float64)


def estimates(figures: dict[str, Figure], weights: Values) -> dict[str, dict[str, float]]:
    """Evaluate figures with their confidence intervals.

    Args:
        figures: Figures by name.
        weights: Bootstrap weights (R, n), see resampled().

    Returns:
        `{"value", "low", "high"}` by name.
    """
    each_once = np.ones((1, weights.shape[1]))
    found = {}
    for name, figure in figures.items():
        low, high = np.nanquantile(figure(weights), (0.025, 0.975))
        found[name] = asdict(Estimate(float(figure(each_once)[0]), float(low), float(high)))
    return found


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
    """Return the highest threshold with at least the given sensitivity."""
    positives = np.sort(probabilities[labels == 1])[::-1]
    return float(positives[int(np.ceil(sensitivity * len(positives))) - 1])
