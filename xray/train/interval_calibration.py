"""Calibration of interval widths on validation films, and their coverage on test films."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm

from xray.models.interval import interval_of, scale_of
from xray.models.predictor import Predictor
from xray.train.film import Film

Values = NDArray[np.floating]
Spread = Literal["augmentation", "dropout"]

TARGET = 0.95
MOST = 120  # films used, evenly spaced: each needs ten predictions


def calibrate_intervals(classifier: Predictor, films: list[Film]) -> tuple[Spread, float, dict[str, Any]]:
    """Choose the source of variation and the widening factor of intervals.

    The factor is the quantile with which the share TARGET of the predictions for slightly changed films lies
    inside the interval, interpolated and rounded. Of the available sources (augmentation; dropout, if the
    network has it), the one with the narrower intervals is chosen.

    Returns:
        The source, the widening factor and the comparison for the figures.
    """
    ways: list[Spread] = ["augmentation"]
    layers = [layer for member in classifier.members for layer in member.module.modules()]
    if any(isinstance(layer, nn.Dropout) and layer.p > 0 for layer in layers):
        ways.append("dropout")
    compared: dict[str, Any] = {"target": TARGET}
    for way in ways:
        probabilities, deviations, residuals = _measured(classifier, films, way)
        widening = round(float(np.quantile(residuals / scale_of(deviations), TARGET)), 3)
        width = np.diff(interval_of(probabilities, deviations, widening), axis=-1).mean()
        compared[way] = {
            "widening": widening,
            "validation": round(_covered(residuals, deviations, widening), 4),
            "width": round(float(width), 4),
        }
    best = min(ways, key=lambda way: compared[way]["width"])
    return best, compared[best]["widening"], compared | {"chosen": best}


def coverage_of(classifier: Predictor, films: list[Film]) -> float:
    """Return the share of predictions for slightly changed films that lie inside the interval."""
    _, deviations, residuals = _measured(classifier, films, classifier.entry.spread)
    return round(_covered(residuals, deviations, classifier.entry.widening), 4)


def _covered(residuals: Values, deviations: Values, widening: float) -> float:
    return float((residuals <= widening * scale_of(deviations)).mean())


def _measured(classifier: Predictor, films: list[Film], way: Spread) -> tuple[Values, Values, Values]:
    """Probabilities (1, n, K), deviations of log-odds (1, n, K) and their absolute changes (3, n, K)."""
    some = [films[index] for index in np.unique(np.linspace(0, len(films) - 1, MOST).astype(int))]
    probabilities, deviations, residuals = [], [], []
    for film in tqdm(some, desc=f"intervals by {way}", unit="film"):
        radiograph = film.read()
        original = classifier.log_odds(classifier.logits(radiograph))
        changed = classifier.log_odds(classifier.varied_logits(radiograph, "taken again"))
        probabilities.append(1 / (1 + np.exp(-original[0])))
        deviations.append(classifier.deviations(radiograph, way))
        residuals.append(np.abs(changed - original))
    return np.stack(probabilities)[None], np.stack(deviations)[None], np.stack(residuals, axis=1)
