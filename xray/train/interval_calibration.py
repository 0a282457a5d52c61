"""How wide an interval must be: fitted on validation films, its coverage then stated on test films."""

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
MOST = 120  # films asked of, spread evenly: every one costs ten answers


def chosen_spread(classifier: Predictor, films: list[Film]) -> tuple[Spread, float, dict[str, Any]]:
    """What to draw intervals from, how much to widen them, and what was compared.

    Of each film taken again, the share given by TARGET must stay inside. Of the two ways (films changed a
    little; dropout, where a network has it) the one whose intervals are then narrower is taken.
    """
    ways: list[Spread] = ["augmentation"]
    layers = [layer for member in classifier.members for layer in member.module.modules()]
    if any(isinstance(layer, nn.Dropout) and layer.p > 0 for layer in layers):
        ways.append("dropout")
    compared: dict[str, Any] = {"target": TARGET}
    for way in ways:
        said, deviations, residuals = _asked(classifier, films, way)
        widening = round(float(np.quantile(residuals / scale_of(deviations), TARGET)), 3)
        width = np.diff(interval_of(said, deviations, widening), axis=-1).mean()
        compared[way] = {
            "widening": widening,
            "validation": round(_covered(residuals, deviations, widening), 4),
            "width": round(float(width), 4),
        }
    best = min(ways, key=lambda way: compared[way]["width"])
    return best, compared[best]["widening"], compared | {"chosen": best}


def coverage_of(classifier: Predictor, films: list[Film]) -> float:
    """The share of answers about films taken again that stay inside the interval."""
    _, deviations, residuals = _asked(classifier, films, classifier.entry.spread)
    return round(_covered(residuals, deviations, classifier.entry.widening), 4)


def _covered(residuals: Values, deviations: Values, widening: float) -> float:
    return float((residuals <= widening * scale_of(deviations)).mean())


def _asked(classifier: Predictor, films: list[Film], way: Spread) -> tuple[Values, Values, Values]:
    """Probabilities and deviations of log-odds (1, n, K); how far each film's log-odds move when it is taken
    again, (3, n, K).
    """
    some = [films[index] for index in np.unique(np.linspace(0, len(films) - 1, MOST).astype(int))]
    said, deviations, residuals = [], [], []
    for film in tqdm(some, desc=f"intervals by {way}", unit="film"):
        radiograph = film.read()
        first = classifier.log_odds(classifier.logits(radiograph))
        again = classifier.log_odds(classifier.varied_logits(radiograph, "taken again"))
        said.append(1 / (1 + np.exp(-first[0])))
        deviations.append(classifier.deviations(radiograph, way))
        residuals.append(np.abs(again - first))
    return np.stack(said)[None], np.stack(deviations)[None], np.stack(residuals, axis=1)
