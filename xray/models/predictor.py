"""What every model does, one network or several: logits of a film in, a calibrated prediction out."""

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
    """A registry entry, and the two kinds of logits that a network or an ensemble gives."""

    entry: ModelEntry

    @property
    @abstractmethod
    def members(self) -> tuple[Classifier, ...]:
        """The classifiers that answer, one network each."""

    @abstractmethod
    def logits(self, radiograph: Radiograph) -> Tensor:
        """Logits (1, K) of a plain forward pass."""

    @abstractmethod
    def film(self, radiograph: Radiograph) -> Tensor:
        """The film in [0, 1] at the size of the (largest) network, (1, 1, h, w)."""

    @abstractmethod
    def to_input(self, shape: tuple[int, ...]) -> Affine:
        """The affine from the pixels of a film (H, W) to those of `film`."""

    @abstractmethod
    def answers(self, films: Tensor, like: Tensor) -> Tensor:
        """Logits (n, K) of films (n, 1, h, w) of that size, normalized as the film `like` (1, 1, h, w)."""

    @abstractmethod
    def varied_logits(self, radiograph: Radiograph, spread: str) -> Tensor:
        """Logits (n, K) of the film changed a little (`augmentation`), under `dropout`, or `taken again`."""

    def probabilities(self, logits: Tensor) -> Tensor:
        return calibrated(logits.detach().float().cpu(), self.entry.scaling, self.entry.activation)

    def log_odds(self, logits: Tensor) -> Values:
        """Log-odds (n, K) of the calibrated probabilities of logits (n, K), also where those round to 1."""
        said = logits.detach().double().cpu()
        scale, shift = (said.new_tensor(values) for values in self.entry.scaling)
        said = said * scale + shift
        if self.entry.activation == "sigmoid":
            return said.numpy()
        itself = torch.eye(said.shape[1], dtype=torch.bool)
        others = said[:, None].masked_fill(itself, -torch.inf).logsumexp(-1)  # (n, K, K) to (n, K)
        return (said - others).numpy()

    def predict(self, radiograph: Radiograph) -> Prediction:
        return self.interpret(radiograph, self.logits(radiograph))

    def deviations(self, radiograph: Radiograph, spread: str | None = None) -> Values:
        """Standard deviations (K) of the log-odds when the film is changed a little, or under dropout."""
        logits = self.varied_logits(radiograph, spread or self.entry.spread)
        return self.log_odds(logits).std(0, ddof=1)

    def interpret(self, radiograph: Radiograph, logits: Tensor, *, intervals: bool = True) -> Prediction:
        """Logits (1, K) as a calibrated prediction with a set and, unless not wanted, intervals."""
        probabilities = self.probabilities(logits)[0].numpy()
        bounds = None
        if intervals:
            sure = probabilities.astype(np.float64).clip(1e-9, 1 - 1e-9)
            bounds = interval_of(sure, self.deviations(radiograph), self.entry.widening)
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
