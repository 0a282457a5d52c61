"""Values with 95% intervals that hold for few films."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm, sem, t

from xray.train.bootstrap import Estimate, estimates, resampled
from xray.train.metrics import auroc

Z = float(norm.ppf(0.975))
EDGE = 1e-12


def mean(values: Sequence[float]) -> Estimate | None:
    """The mean of values in [0, 1] with Student's interval, cut at 0 and 1; None for less than two values.

    The interval has no width if all values are equal.
    """
    if len(values) < 2:
        return None
    center, error = float(np.mean(values)), float(sem(values))
    reach = float(t.ppf(0.975, len(values) - 1)) * error
    return Estimate(center, max(0.0, center - reach), min(1.0, center + reach))


def area(probabilities: Sequence[float], present: Sequence[bool]) -> Estimate | None:
    """The area under the ROC curve with its interval; None unless films with and without the finding exist.

    The interval is Newcombe's method 5 (2006, doi:10.1002/sim.2324), which does not shrink to a point at an
    area of 1 as a bootstrap does.

    Args:
        probabilities: Stated probabilities (n).
        present: Whether each film shows the finding (n).
    """
    labels = np.array(present, float)
    with_finding, without = int(labels.sum()), int((1 - labels).sum())
    if not (with_finding and without):
        return None
    value = float(auroc(np.array(probabilities, float), labels)(np.ones((1, len(labels))))[0])
    pairs, extra = with_finding * without, (with_finding + without) / 2 - 1

    def gap(true: float) -> float:
        variance = true * (1 - true) * (1 + extra * ((1 - true) / (2 - true) + true / (1 + true))) / pairs
        return abs(value - true) - Z * math.sqrt(variance)

    low = float(brentq(gap, EDGE, min(value, 1 - EDGE))) if value > EDGE else 0.0
    high = float(brentq(gap, max(value, EDGE), 1 - EDGE)) if value < 1 - EDGE else 1.0
    return Estimate(value, low, high)


def fleiss_kappa(ratings: Sequence[Sequence[int]]) -> Estimate | None:
    """Fleiss' kappa (1971, doi:10.1037/h0031619) with a bootstrap interval over films.

    Args:
        ratings: Numbers of readers per category (n, k), with equally many readers for each film.

    Returns:
        1 is perfect agreement, 0 that of chance. None for fewer than two films or readers, or if all answers
        are the same.
    """
    counts = np.array(ratings, float)
    if len(counts) < 2 or (readers := counts[0].sum()) < 2 or (counts.sum(0) > 0).sum() < 2:
        return None
    agreement = (np.square(counts).sum(1) - readers) / (readers * (readers - 1))  # (n)

    def kappa(weights: np.ndarray) -> np.ndarray:
        total = weights.sum(1)
        chance = np.square(weights @ counts / (readers * total)[:, None]).sum(1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(chance < 1 - EDGE, (weights @ agreement / total - chance) / (1 - chance), np.nan)

    films = [str(number) for number in range(len(counts))]
    return Estimate(**estimates({"kappa": kappa}, resampled(films))["kappa"])
