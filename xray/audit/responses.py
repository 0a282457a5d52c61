"""The predictions of a classifier that the audit checks judge, as plain numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from xray.models.registry import ModelEntry

Values = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class FilmAnswers:
    """One film, K findings.

    sha256: of the film's pixels; inputs: of what each network got. flat: of one gray.
    labels: the findings the film has, as the model spells them, None where nobody says.
    input_fault: what is wrong with the network's input, or "".
    logits, again: of the same film asked twice (K). probabilities: (K).
    changed: by name of a change, the probabilities (V, K) of the film changed in V ways.
    """

    sha256: str
    inputs: tuple[str, ...]
    flat: bool
    labels: frozenset[str] | None
    input_fault: str
    logits: Values
    again: Values
    probabilities: Values
    changed: dict[str, Values]


@dataclass(frozen=True, eq=False)
class Answers:
    """Different films, and C controls that show nothing: blank, noise, ramps (see run.controls).

    control_logits, control_probabilities: (C, K).
    """

    entry: ModelEntry
    films: tuple[FilmAnswers, ...]
    control_logits: Values
    control_probabilities: Values

    @cached_property
    def answered(self) -> tuple[FilmAnswers, ...]:
        """The films whose logits are numbers."""
        return tuple(film for film in self.films if np.isfinite(film.logits).all())

    @property
    def logits(self) -> Values:
        """(n, K) of the answered films."""
        return np.array([film.logits for film in self.answered])

    @property
    def probabilities(self) -> Values:
        """(n, K) of the answered films."""
        return np.array([film.probabilities for film in self.answered])

    @property
    def truth(self) -> Values | None:
        """1 where a film has a finding, else 0, (n, K); None unless every film is labeled."""
        labels = [film.labels for film in self.answered]
        if not labels or None in labels:
            return None
        return np.array([[name in (given or ()) for name in self.entry.findings] for given in labels], float)
