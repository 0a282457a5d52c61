"""A deck: films in an order that a seed gives, each with a question; nothing that a model says of them."""

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
    """One film of a deck. asked: the finding that may be there, as a reader calls it. model_id, stands_for:
    the model that answers after the reader, and which of its findings stands for the one asked.
    """

    asked: str
    model_id: str
    stands_for: str
    load: Callable[[], tuple[Radiograph, Reference]]

    def film(self, number: int) -> tuple[Radiograph, Reference]:
        """The film under a name that says nothing, and its reference. Raises XrayError."""
        radiograph, reference = self.load()
        return replace(radiograph, name=f"film-{number}.png", notes=()), reference


@dataclass(frozen=True, eq=False)
class Deck:
    """Questions in order. about: what the films are and how they were chosen, in a sentence or two."""

    kind: str
    seed: int
    questions: tuple[Question, ...]
    about: str


def shuffled(questions: Sequence[Question], rng: np.random.Generator) -> tuple[Question, ...]:
    return tuple(questions[index] for index in rng.permutation(len(questions)))
