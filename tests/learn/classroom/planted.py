"""A deck of blank films whose references are known, and answers whose statistics were computed by hand."""

from __future__ import annotations

import numpy as np

from xray.learn.classroom.room import Classroom, Seat
from xray.learn.deck import Deck, Question
from xray.learn.scores import Answer, Reference
from xray.types import Radiograph

SIDE = 20
LESION = (10.0, 10.0, 20.0, 20.0)
HERE = Reference(True, np.array([LESION], np.float32), "It was planted.")
ABSENT = Reference(False, np.zeros((0, 4), np.float32), "It was not planted.")
ANSWERS = (  # to a film with the lesion
    Answer(True, 0.9, LESION),  # IoU 1
    Answer(True, 0.8, (12.0, 12.0, 20.0, 20.0)),  # IoU 64 / 100
    Answer(True, 0.6, (0.0, 0.0, 4.0, 4.0)),  # beside it
    Answer(False, 0.9),
    Answer(True, 0.5),
)


def deck(*references: Reference) -> Deck:
    """A deck of films of 20 x 20 px."""
    film = Radiograph(np.full((SIDE, SIDE), 0.5, np.float32), "mueller.png")

    def question(reference: Reference) -> Question:
        return Question("Opacity", "planted", "Effusion", lambda: (film, reference))

    return Deck("simulated", 7, tuple(map(question, references)), "planted films")


def classroom(*references: Reference, students: int = len(ANSWERS)) -> tuple[Classroom, list[Seat]]:
    """A class with students, before the first film."""
    room = Classroom("ABCDEF", "", deck(*references), end=100.0)
    return room, [room.admit(f"token {number}", f"Mustermann {number}") for number in range(students)]
