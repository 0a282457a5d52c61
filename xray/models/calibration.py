"""How far probabilities can be taken at their word, and the one number that mends them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from torch import Tensor

Values = NDArray[np.floating]


def fit_temperature(logits: Values, targets: NDArray[np.integer]) -> float:
    """The temperature in [0.05, 20] that minimizes the cross-entropy of logits (n, K) for targets (n).

    Guo et al. 2017, arXiv:1706.04599.
    """

    def cross_entropy(log_temperature: float) -> float:
        log_probabilities = log_softmax(logits.astype(np.float64) / np.exp(log_temperature), axis=1)
        return float(-log_probabilities[np.arange(len(targets)), targets].mean())

    found = minimize_scalar(cross_entropy, bounds=(np.log(0.05), np.log(20.0)), method="bounded")
    return float(np.exp(found.x))


def calibrated(logits: Tensor, temperature: float, activation: str) -> Tensor:
    """Probabilities (..., K) of logits (..., K): divided by the temperature, then softmax or sigmoid."""
    scaled = logits / temperature
    return scaled.softmax(-1) if activation == "softmax" else scaled.sigmoid()


def expected_calibration_error(probabilities: Values, happened: Values, bins: int = 15) -> float:
    """Mean gap between a stated probability (n) and how often it happened (n, 0 or 1), in equal-width bins.

    Naeini et al. 2015, doi:10.1609/aaai.v29i1.9602. In [0, 1], lower is better.
    """
    which = np.minimum((probabilities * bins).astype(int), bins - 1)
    gap = np.bincount(which, weights=happened - probabilities, minlength=bins)
    return float(np.abs(gap).sum() / len(probabilities))
