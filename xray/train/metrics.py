"""Figures of a binary finding, each with a 95% confidence interval from resampling whole patients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import brier_score_loss, roc_auc_score

from xray.models.calibration import expected_calibration_error

Values = NDArray[np.floating]
Figure = Callable[[Values, Values], float]

RESAMPLES = 2000


@dataclass(frozen=True)
class Estimate:
    """A value with the 2.5th and 97.5th percentile of its bootstrap distribution."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


def figures_at(threshold: float) -> dict[str, Figure]:
    """The figures by name: functions of probabilities (n) and what happened (n, 0 or 1)."""

    def at(values: Values) -> NDArray[np.bool_]:
        return values >= threshold

    return {
        "auroc": lambda said, true: float(roc_auc_score(true, said)),
        "accuracy": lambda said, true: float((at(said) == (true == 1)).mean()),
        "sensitivity": lambda said, true: float(at(said)[true == 1].mean()),
        "specificity": lambda said, true: float(1 - at(said)[true == 0].mean()),
        "ece": expected_calibration_error,
        "brier": lambda said, true: float(brier_score_loss(true, said)),
    }


def estimates(
    probabilities: Values,
    happened: Values,
    patients: list[str],
    threshold: float,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, dict[str, float]]:
    """Every figure as {"value", "low", "high"}; resamples that hold one class only are drawn again."""
    names, of_patient = np.unique(patients, return_inverse=True)
    films_of = np.split(np.argsort(of_patient, kind="stable"), np.cumsum(np.bincount(of_patient))[:-1])
    generator = np.random.default_rng(seed)
    figures = figures_at(threshold)
    drawn: dict[str, list[float]] = {name: [] for name in figures}
    while len(drawn["auroc"]) < resamples:
        chosen = np.concatenate(
            [films_of[index] for index in generator.integers(len(names), size=len(names))]
        )
        if 0 < happened[chosen].sum() < len(chosen):
            for name, figure in figures.items():
                drawn[name].append(figure(probabilities[chosen], happened[chosen]))
    return {
        name: asdict(
            Estimate(
                figure(probabilities, happened), *(float(q) for q in np.quantile(drawn[name], (0.025, 0.975)))
            )
        )
        for name, figure in figures.items()
    }


def threshold_at_sensitivity(probabilities: Values, happened: Values, sensitivity: float) -> float:
    """The highest threshold at which at least this share of the positives is found."""
    positives = np.sort(probabilities[happened == 1])[::-1]
    return float(positives[int(np.ceil(sensitivity * len(positives))) - 1])
