"""Figures with a 95% confidence interval from resampling whole patients.

A figure is a function of the films' weights: (R, n) in, one row per resample, (R) out, NaN where undefined.
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
    """How often each film (n) counts in each resample of whole patients, (resamples, n)."""
    names, of_patient = np.unique(patients, return_inverse=True)
    drawn = np.random.default_rng(seed).integers(len(names), size=(resamples, len(names)))
    counts = np.stack([np.bincount(row, minlength=len(names)) for row in drawn])
    return counts[:, of_patient].astype(np.float64)


def estimates(figures: dict[str, Figure], weights: Values) -> dict[str, dict[str, float]]:
    """Every figure as {"value", "low", "high"}, given the films' weights in the resamples (R, n)."""
    each_once = np.ones((1, weights.shape[1]))
    found = {}
    for name, figure in figures.items():
        low, high = np.nanquantile(figure(weights), (0.025, 0.975))
        found[name] = asdict(Estimate(float(figure(each_once)[0]), float(low), float(high)))
    return found


def mean_of(values: Values | Marks, among: Marks | None = None) -> Figure:
    """The weighted mean of values (n), where asked only among the films marked (n)."""
    marked = np.ones(len(values)) if among is None else among.astype(np.float64)

    def figure(weights: Values) -> Values:
        with np.errstate(invalid="ignore"):
            return (weights @ (values * marked)) / (weights @ marked)

    return figure


def auroc(said: Values, happened: Values) -> Figure:
    """The chance that a film with the finding is given a higher value than one without; ties count half."""
    order = np.argsort(said, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(said[order]) > 0])

    def figure(weights: Values) -> Values:
        ordered = weights[:, order]
        positives = np.add.reduceat(ordered * (happened[order] == 1), starts, axis=1)  # (R, distinct values)
        negatives = np.add.reduceat(ordered * (happened[order] == 0), starts, axis=1)
        below = np.cumsum(negatives, axis=1) - negatives
        with np.errstate(invalid="ignore"):
            return (positives * (below + negatives / 2)).sum(1) / (positives.sum(1) * negatives.sum(1))

    return figure


def calibration_error(said: Values, happened: Values, bins: int = 15) -> Figure:
    """Mean gap between a stated probability (n) and how often it happened (n, 0 or 1), in equal-width bins.

    Naeini et al. 2015, doi:10.1609/aaai.v29i1.9602. In [0, 1], lower is better.
    """
    which = np.minimum((said * bins).astype(int), bins - 1)
    gaps = (happened - said)[:, None] * (which[:, None] == np.arange(bins))  # (n, bins)
    return lambda weights: np.abs(weights @ gaps).sum(1) / weights.sum(1)


def mean_figure(figures: list[Figure]) -> Figure:
    """The mean of several figures, of those that are defined."""

    def figure(weights: Values) -> Values:
        return np.nanmean([one(weights) for one in figures], axis=0)

    return figure


def binary_figures(said: Values, happened: Values, threshold: float) -> dict[str, Figure]:
    """The figures of one finding by name, from probabilities (n), what happened (n, 0 or 1), a threshold."""
    at = said >= threshold
    return {
        "auroc": auroc(said, happened),
        "accuracy": mean_of(at == (happened == 1)),
        "sensitivity": mean_of(at, happened == 1),
        "specificity": mean_of(~at, happened == 0),
        "ece": calibration_error(said, happened),
        "brier": mean_of((said - happened) ** 2),
    }


def sensitivity_at(said: Values, happened: Values, specificity: float) -> Figure:
    """The largest share of the positives that is found while this share of the negatives is not."""
    order = np.argsort(-said, kind="stable")
    ends = np.flatnonzero(np.r_[np.diff(said[order]) < 0, True])  # equal values are found together

    def figure(weights: Values) -> Values:
        ordered = weights[:, order]
        found = np.cumsum(ordered * (happened[order] == 1), axis=1)  # (R, n)
        wrong = np.cumsum(ordered * (happened[order] == 0), axis=1)
        allowed = wrong[:, ends] <= (1 - specificity) * wrong[:, -1:] + 1e-9
        with np.errstate(invalid="ignore"):
            return np.max(found[:, ends] * allowed, axis=1) / found[:, -1]

    return figure


def threshold_at_sensitivity(probabilities: Values, happened: Values, sensitivity: float) -> float:
    """The highest threshold at which at least this share of the positives is found."""
    positives = np.sort(probabilities[happened == 1])[::-1]
    return float(positives[int(np.ceil(sensitivity * len(positives))) - 1])
