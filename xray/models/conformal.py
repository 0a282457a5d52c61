"""Prediction sets: class-conditional (Mondrian) split conformal prediction (Vovk 2012, arXiv:1209.2673).

Of the films with a finding, at least the given share have it in their set, if they are exchangeable with the
validation films.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating]

COVERAGE = 0.9


def inclusion_threshold(probabilities: Values, coverage: float = COVERAGE) -> float:
    """Return the smallest probability at which a class stays in the set.

    Args:
        probabilities: (n), of the films for which the class is true.
        coverage: Share of these films that keep the class.

    Returns:
        The threshold; 0 (always in the set) with too few films.
    """
    rank = math.floor(round((len(probabilities) + 1) * (1 - coverage), 9))
    return float(np.sort(probabilities)[rank - 1]) if rank >= 1 else 0.0


def inclusion_thresholds(
    probabilities: Values, targets: Values, activation: str
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return thresholds for `present` on probabilities and for `absent` on 1 - probabilities.

    Args:
        probabilities: (n, K).
        targets: (n, K), 0 or 1; NaN if unknown.
        activation: With `softmax`, there are no thresholds for `absent`.
    """
    columns = list(zip(probabilities.T, targets.T, strict=True))
    present = tuple(_down(inclusion_threshold(values[true == 1])) for values, true in columns)
    if activation == "softmax":
        return present, ()
    return present, tuple(_down(inclusion_threshold(1 - values[true == 0])) for values, true in columns)


def _down(value: float) -> float:
    """Round down to four decimals, so that a stored threshold excludes no further film."""
    return math.floor(value * 1e4) / 1e4
