"""Calibration of probabilities: temperature and Platt scaling."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

Values = NDArray[np.floating]
Scaling = tuple[tuple[float, ...], tuple[float, ...]]  # factor and shift of every logit (K), (K)


def fit_scaling(logits: Values, targets: Values, activation: str) -> Scaling:
    """Factor and shift (K), (K) that minimize the loss of logits (n, K) for targets (n, K), NaN unknown.

    softmax: one factor for all, the inverse of a temperature (Guo et al. 2017, arXiv:1706.04599), no shift.
    sigmoid: Platt scaling per finding, with Platt's own softened targets, which keep a finding of a few
    positives modest (Platt 1999).
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    findings = logits.shape[1]
    if activation == "softmax":

        def cross_entropy(log_factor: float) -> float:
            scaled = logits.astype(np.float64) * np.exp(log_factor)
            return float(-(log_softmax(scaled, axis=1) * targets).sum(1).mean())

        factor = float(np.exp(minimize_scalar(cross_entropy, bounds=(-3, 3), method="bounded").x))
        return (factor,) * findings, (0.0,) * findings
    fitted = [_platt(logits[:, index], targets[:, index]) for index in range(findings)]
    return tuple(one[0] for one in fitted), tuple(one[1] for one in fitted)


def _platt(logits: Values, targets: Values) -> tuple[float, float]:
    from scipy.optimize import minimize

    known = ~np.isnan(targets)
    given, happened = logits[known].astype(np.float64), targets[known] == 1
    positives, negatives = int(happened.sum()), int((~happened).sum())
    soft = np.where(happened, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def cross_entropy(parameters: Values) -> float:
        scaled = given * np.exp(parameters[0]) + parameters[1]
        return float(np.mean(np.logaddexp(0, scaled) - soft * scaled))

    found = minimize(cross_entropy, np.zeros(2), bounds=[(-3, 3), (-10, 10)]).x
    return float(np.exp(found[0])), float(found[1])


def calibrated(logits: Tensor, scaling: Scaling, activation: str) -> Tensor:
    """Probabilities (..., K) of logits (..., K): scaled and shifted, then softmax or sigmoid."""
    scaled = logits * logits.new_tensor(scaling[0]) + logits.new_tensor(scaling[1])
    return scaled.softmax(-1) if activation == "softmax" else scaled.sigmoid()
