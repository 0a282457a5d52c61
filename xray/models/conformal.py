"""Sets instead of guesses: every answer that cannot be ruled out, so that one may be "cannot tell".

Class-conditional (Mondrian) split conformal prediction (Vovk 2012, arXiv:1209.2673): of the films that truly
have a finding, at least the stated share have it in their set, as long as they are like the validation films.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating]

COVERAGE = 0.9


def inclusion_threshold(probabilities: Values, coverage: float = COVERAGE) -> float:
    """The probability from which an answer stays in the set, given those (n) of films for which it is true.

    0, so always in the set, where there are too few films to rule anything out.
    """
    rank = math.floor(round((len(probabilities) + 1) * (1 - coverage), 9))
    return float(np.sort(probabilities)[rank - 1]) if rank >= 1 else 0.0


def inclusion_thresholds(
    probabilities: Values, targets: Values, activation: str
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Thresholds for `present` (K) on probabilities, and under sigmoid for `absent` (K) on 1 - probabilities.

    probabilities and targets are (n, K), targets NaN where unknown.
    """
    columns = list(zip(probabilities.T, targets.T, strict=True))
    present = tuple(_down(inclusion_threshold(said[true == 1])) for said, true in columns)
    if activation == "softmax":
        return present, ()
    return present, tuple(_down(inclusion_threshold(1 - said[true == 0])) for said, true in columns)


def _down(value: float) -> float:
    """Rounded down, so that a stored threshold rules out no film that it should not."""
    return math.floor(value * 1e4) / 1e4
