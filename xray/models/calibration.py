"""Calibration of probabilities: temperature and Platt scaling."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

Values = NDArray[np.floating]
Scaling = tuple[tuple[float, ...], tuple[float, ...]]  # factor and shift of every logit (K), (K)


def fit_scaling(logits: Values, targets: Values, activation: str) -> Scaling:
    """Fit factors and shifts of logits that minimize the cross-entropy.

    Args:
        logits: (n, K).
        targets: (n, K), 0 or 1; NaN if unknown.
        activation: `softmax` fits one factor, the inverse of a temperature (Guo et al. 2017,
            arXiv:1706.04599), and no shift. `sigmoid` fits Platt scaling per finding, with softened targets,
            which limit the confidence for findings with few positives (Platt 1999).
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
    factors, shifts = zip(*fitted, strict=True)
    return factors, shifts


def _platt(logits: Values, targets: Values) -> tuple[float, float]:
    from scipy.optimize import minimize

    known = ~np.isnan(targets)
    inputs, present = logits[known].astype(np.float64), targets[known] == 1
    positives, negatives = int(present.sum()), int((~present).sum())
    soft = np.where(present, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def cross_entropy(parameters: Values) -> float:
        scaled = inputs * np.exp(parameters[0]) + parameters[1]
        return float(np.mean(np.logaddexp(0, scaled) - soft * scaled))

    fitted = minimize(cross_entropy, np.zeros(2), bounds=[(-3, 3), (-10, 10)]).x
    return float(np.exp(fitted[0])), float(fitted[1])


def calibrated(logits: Tensor, scaling: Scaling, activation: str) -> Tensor:
    """Convert logits (..., K) to calibrated probabilities (..., K)."""
    scaled = logits * logits.new_tensor(scaling[0]) + logits.new_tensor(scaling[1])
    return scaled.softmax(-1) if activation == "softmax" else scaled.sigmoid()
