"""Drift of a model's probabilities since validation: population stability index and a chi-squared test.

The index is from Siddiqi 2006, Credit Risk Scorecards; Pearson's test of homogeneity guards against chance.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2_contingency

TENTHS = 10
FEWEST = 30  # films needed for a verdict
SMALL, LARGE = 0.1, 0.25  # the usual limits of the index
SIGNIFICANCE = 0.01  # level of the chi-squared test

Counts = NDArray[np.int64]
DriftVerdict = Literal["too few films", "no sign of drift", "a small shift", "drift"]


@dataclass(frozen=True, eq=False)
class Drift:
    """Comparison of two distributions of probabilities.

    Attributes:
        index: Population stability index.
        p_value: p-value of the chi-squared test of homogeneity.
        verdict: The conclusion.
        now: Recent films (10) in each tenth of probability.
        before: Validation films (10) in each tenth of probability.
    """

    index: float
    p_value: float
    verdict: DriftVerdict
    now: Counts
    before: Counts


def population_stability(now: Counts, before: Counts) -> float:
    """Sum of (p - q) ln(p / q) over bins (B); half a film is added to each bin to avoid empty ones."""
    p, q = ((counts + 0.5) / (counts + 0.5).sum() for counts in (now, before))
    return float(((p - q) * np.log(p / q)).sum())


def drift(now: Counts, before: Counts) -> Drift:
    """Compare the distribution of recent films with that of the validation films.

    A difference that is not significant is never called drift, however large the index.

    Args:
        now: Recent films (10) in each tenth of probability.
        before: Validation films (10) in each tenth of probability.
    """
    used = (now + before) > 0
    p_value = 1.0
    if used.sum() > 1 and now.sum() and before.sum():
        p_value = float(chi2_contingency(np.stack([now[used], before[used]])).pvalue)
    index = population_stability(now, before)
    verdict: DriftVerdict = "no sign of drift"
    if min(now.sum(), before.sum()) < FEWEST:
        verdict = "too few films"
    elif p_value < SIGNIFICANCE and index >= SMALL:
        verdict = "drift" if index >= LARGE else "a small shift"
    return Drift(index, p_value, verdict, now, before)


def tenths_of(bins: Iterable[tuple[float, int]]) -> Counts:
    """Counts (10) in each tenth of probability, from the mean probability and number of films of each bin."""
    counts = np.zeros(TENTHS, np.int64)
    for probability, films in bins:
        counts[min(int(probability * TENTHS), TENTHS - 1)] += films
    return counts
