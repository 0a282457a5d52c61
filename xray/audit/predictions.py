"""The predictions of a classifier that the audit checks use, as plain numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from xray.models.registry import ModelEntry

Values = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class FilmPredictions:
    """Predictions for one film and K findings.

    Attributes:
        sha256: SHA-256 of the film's pixels.
        inputs: SHA-256 of the input of each network.
        flat: Whether the film has a single gray value.
        labels: Findings of the film in the model's spelling; None if unknown.
        input_fault: What is wrong with the network's input; empty if nothing is.
        logits: (K).
        repeated: Logits of a second pass, (K).
        probabilities: (K).
        changed: Probabilities (V, K) of the film changed in V ways, by name of the change.
    """

    sha256: str
    inputs: tuple[str, ...]
    flat: bool
    labels: frozenset[str] | None
    input_fault: str
    logits: Values
    repeated: Values
    probabilities: Values
    changed: dict[str, Values]


@dataclass(frozen=True, eq=False)
class Predictions:
    """Predictions for different films and for C controls without anatomy (see controls).

    Attributes:
        entry: Registry entry of the model.
        films: One item per film.
        control_logits: (C, K).
        control_probabilities: (C, K).
    """

    entry: ModelEntry
    films: tuple[FilmPredictions, ...]
    control_logits: Values
    control_probabilities: Values

    @cached_property
    def valid(self) -> tuple[FilmPredictions, ...]:
        """The films whose logits are all finite."""
        return tuple(film for film in self.films if np.isfinite(film.logits).all())

    @property
    def logits(self) -> Values:
        """(n, K), of the valid films."""
        return np.array([film.logits for film in self.valid])

    @property
    def probabilities(self) -> Values:
        """(n, K), of the valid films."""
        return np.array([film.probabilities for film in self.valid])

    @property
    def truth(self) -> Values | None:
        """Labels (n, K) of the valid films, 1 or 0; None unless every film is labeled."""
        labels = [film.labels for film in self.valid]
        if not labels or None in labels:
            return None
        return np.array([[name in (given or ()) for name in self.entry.findings] for given in labels], float)
