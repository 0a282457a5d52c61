"""Base class of classifiers and ensembles: calibrated predictions from logits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from xray.geometry import Affine
from xray.models.calibration import calibrated
from xray.models.interval import interval_of
from xray.models.registry import ModelEntry
from xray.types import Pixels, Prediction, Radiograph

if TYPE_CHECKING:
    from xray.models.classifier import Classifier

Values = NDArray[np.floating]


class Predictor(ABC):
    """A registry entry with methods for logits and calibrated predictions."""

    entry: ModelEntry

    @property
    @abstractmethod
    def members(self) -> tuple[Classifier, ...]:
        """The classifiers, one network each."""

    @abstractmethod
    def logits(self, radiograph: Radiograph) -> Tensor:
        """Compute logits (1, K) of a film."""

    @abstractmethod
    def film(self, radiograph: Radiograph) -> Tensor:
        """Resize a film to the input of the (largest) network: (1, 1, h, w) in [0, 1]."""

    @abstractmethod
    def to_input(self, shape: tuple[int, ...]) -> Affine:
        """Return the affine from source pixels of a film (H, W) to pixels of `film`."""

    @abstractmethod
    def film_logits(self, films: Tensor, reference: Tensor) -> Tensor:
        """Compute logits of resized films.

        Args:
            films: (n, 1, h, w) in [0, 1], as of `film`.
            reference: Film (1, 1, h, w) whose mean and deviation normalize all films.

        Returns:
            Logits (n, K).
        """

    @abstractmethod
    def varied_logits(self, radiograph: Radiograph, spread: str) -> Tensor:
        """Compute logits (n, K) of variants of a film.

        Args:
            radiograph: The film.
            spread: `augmentation` (small changes), `dropout`, or `taken again` (simulated retakes).
        """

    def probabilities(self, logits: Tensor) -> Tensor:
        """Convert logits (n, K) to calibrated probabilities (n, K)."""
        return calibrated(logits.detach().float().cpu(), self.entry.scaling, self.entry.activation)

    def log_odds(self, logits: Tensor) -> Values:
        """Convert logits (n, K) to calibrated log-odds, finite also where probabilities round to 1."""
        values = logits.detach().double().cpu()
        scale, shift = (values.new_tensor(parameter) for parameter in self.entry.scaling)
        scaled = values * scale + shift
        if self.entry.activation == "sigmoid":
            return scaled.numpy()
        diagonal = torch.eye(scaled.shape[1], dtype=torch.bool)
        others = scaled[:, None].masked_fill(diagonal, -torch.inf).logsumexp(-1)  # (n, K, K) to (n, K)
        return (scaled - others).numpy()

    def predict(self, radiograph: Radiograph, *, intervals: bool = True) -> Prediction:
        """Classify a film, by default with intervals, which take several times as long."""
        return self.interpret(radiograph, self.logits(radiograph), intervals=intervals)

    def deviations(self, radiograph: Radiograph, spread: str | None = None) -> Values:
        """Compute standard deviations (K) of the log-odds over variants of a film (see varied_logits)."""
        logits = self.varied_logits(radiograph, spread or self.entry.spread)
        return self.log_odds(logits).std(0, ddof=1)

    def interpret(self, radiograph: Radiograph, logits: Tensor, *, intervals: bool = True) -> Prediction:
        """Make a calibrated prediction from the logits (1, K) of a film, by default with intervals."""
        probabilities = self.probabilities(logits)[0].numpy()
        bounds = None
        if intervals:
            clipped = probabilities.astype(np.float64).clip(1e-9, 1 - 1e-9)
            bounds = interval_of(clipped, self.deviations(radiograph), self.entry.widening)
        return Prediction(
            model_id=self.entry.id,
            weights_sha256=self.entry.sha256,
            findings=self.entry.findings,
            logits=logits.detach().float().cpu()[0].numpy(),
            probabilities=probabilities,
            thresholds=np.array(self.entry.thresholds, dtype=np.float32),
            intervals=bounds,
            present=_figures(self.entry.present),
            absent=_figures(self.entry.absent),
        )


def _figures(values: tuple[float, ...]) -> Pixels | None:
    return np.array(values, dtype=np.float32) if values else None
