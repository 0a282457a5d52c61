"""A deck: films in a seeded order, each with a question and without any output of a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from xray.learn.scores import Reference
from xray.types import Radiograph

FILMS = 8  # in a deck
MOST_SEEDS = 9999


@dataclass(frozen=True, eq=False)
class Question:
    """One film of a deck.

    Attributes:
        asked: Finding that the reader is asked about.
        model_id: Model that answers after the reader.
        stands_for: The model's finding that corresponds to it.
        load: Reads the film and its reference.
    """

    asked: str
    model_id: str
    stands_for: str
    load: Callable[[], tuple[Radiograph, Reference]]

    def film(self, number: int) -> tuple[Radiograph, Reference]:
        """The film under a neutral name, and its reference. Raises XrayError if it cannot be read."""
        radiograph, reference = self.load()
        return replace(radiograph, name=f"film-{number}.png", notes=()), reference


@dataclass(frozen=True, eq=False)
class Deck:
    """Questions in order; about describes the films and how they were chosen."""

    kind: str
    seed: int
    questions: tuple[Question, ...]
    about: str


def shuffled(questions: Sequence[Question], rng: np.random.Generator) -> tuple[Question, ...]:
    """Questions in random order."""
    return tuple(questions[index] for index in rng.permutation(len(questions)))
