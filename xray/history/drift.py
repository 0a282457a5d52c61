"""Whether the films of today are like those a model was set up on: the population stability index.

Siddiqi 2006, Credit Risk Scorecards. Beside it stands Pearson's test of homogeneity, for what chance gives.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2_contingency

TENTHS = 10
FEWEST = 30  # films without which nothing is said
SMALL, LARGE = 0.1, 0.25  # the customary limits of the index
CHANCE = 0.01  # of calling it drift where there is none

Counts = NDArray[np.int64]
Judgment = Literal["too few films", "no sign of drift", "a small shift", "drift"]


@dataclass(frozen=True, eq=False)
class Drift:
    """index: the population stability index. chance: the probability of differences as large without drift.
    now, before: films (10) in each tenth of probability.
    """

    index: float
    chance: float
    judgment: Judgment
    now: Counts
    before: Counts


def population_stability(now: Counts, before: Counts) -> float:
    """Sum of (p - q) ln(p / q) over bins (B), half a film added to each so that none is empty."""
    p, q = ((counts + 0.5) / (counts + 0.5).sum() for counts in (now, before))
    return float(((p - q) * np.log(p / q)).sum())


def drift(now: Counts, before: Counts) -> Drift:
    """Compare counts (10) of films now with those a model was validated on. What chance alone may give is
    never called drift, however large the index.
    """
    used = (now + before) > 0
    chance = 1.0
    if used.sum() > 1 and now.sum() and before.sum():
        chance = float(chi2_contingency(np.stack([now[used], before[used]])).pvalue)
    index = population_stability(now, before)
    judgment: Judgment = "no sign of drift"
    if min(now.sum(), before.sum()) < FEWEST:
        judgment = "too few films"
    elif chance < CHANCE and index >= SMALL:
        judgment = "drift" if index >= LARGE else "a small shift"
    return Drift(index, chance, judgment, now, before)


def tenths_of(stated: Iterable[tuple[float, int]]) -> Counts:
    """Counts (10) from the bins that a model's figures hold: mean probability and number of films of each."""
    counted = np.zeros(TENTHS, np.int64)
    for probability, films in stated:
        counted[min(int(probability * TENTHS), TENTHS - 1)] += films
    return counted
