"""Cards: films with an inserted lesion that a user sent from the What if page, as a deck."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from xray.imaging.markers import markers
from xray.learn.deck import Deck, Question, shuffled
from xray.learn.scores import Reference
from xray.learn.simulated import bounding_box
from xray.types import Radiograph
from xray.whatif.lesion_lab import Insertion, inserted

CERTAIN = "This is certain, because the film was made with it."
CERTAINLY_NOT = "This is certain; it says nothing about what the film showed before."
ABOUT = "Your films with inserted lesions, and each film once without its lesion."


def with_lesion(film: Radiograph, insertion: Insertion) -> tuple[Radiograph, Reference]:
    """Insert a lesion, whose reference is known by construction. Raises InvalidRequest."""
    height, width = film.pixels.shape
    return inserted(film, insertion), Reference(
        present=True,
        boxes=bounding_box(insertion.on((height, width)).region),
        known_by=f"The {insertion.kind} was inserted there. Its optical density is {insertion.contrast:.2f}.",
        certainty=CERTAIN,
        marker=bool(markers(film.pixels).any()),
    )


def without_lesion(film: Radiograph) -> tuple[Radiograph, Reference]:
    """The film as it is, and the reference that no lesion was inserted."""
    return film, Reference(
        present=False,
        boxes=np.zeros((0, 4), np.float32),
        known_by="No lesion was inserted into this film.",
        certainty=CERTAINLY_NOT,
        marker=bool(markers(film.pixels).any()),
    )


def finding_of(kind: str) -> str:
    """The finding of a question about an inserted lesion."""
    return f"Inserted {kind}"


@dataclass(frozen=True, eq=False)
class Card:
    """A film, and the lesion that is inserted into it.

    Attributes:
        film: The film without the lesion.
        insertion: The lesion.
        model_id: The model that answers after the reader.
        finding: The finding of that model.
    """

    film: Radiograph
    insertion: Insertion
    model_id: str
    finding: str

    def question(self) -> Question:
        """The question whether the film shows the lesion, which it does."""
        return self._question(partial(with_lesion, self.film, self.insertion))

    def catch(self) -> Question:
        """The same question about the film without the lesion."""
        return self._question(partial(without_lesion, self.film))

    def _question(self, load: Callable[[], tuple[Radiograph, Reference]]) -> Question:
        return Question(finding_of(self.insertion.kind), self.model_id, self.finding, load)


def identity(cards: Sequence[Card]) -> str:
    """A hash of cards, by which their deck is known."""
    parts = [f"{card.film.sha256}:{card.model_id}:{card.finding}:{card.insertion}" for card in cards]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def deck_of_cards(cards: Sequence[Card], seed: int) -> Deck:
    """A deck of cards and, for each film and kind of lesion, of the film without it, in seeded order."""
    first = {(card.film.sha256, card.insertion.kind): card for card in reversed(cards)}
    questions = [*(card.question() for card in cards), *(card.catch() for card in first.values())]
    return Deck("cards", seed, shuffled(questions, np.random.default_rng([seed, 4])), ABOUT)
