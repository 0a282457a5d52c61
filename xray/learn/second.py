"""Second answers: how readers change their answers after they have seen the model.

A change from right to wrong is over-reliance on the model, one from wrong to right is a benefit of it
(Dratsch et al. 2023, doi:10.1148/radiol.222176). Both are counted by what was shown and by the verdict on
the map.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from xray.learn.deck import Played

Shown = Literal["answer", "map", "verdict"]  # each shows what precedes it, too
SHOWN: tuple[Shown, ...] = ("answer", "map", "verdict")
TITLES: dict[Shown, str] = {
    "answer": "answer",
    "map": "answer and map",
    "verdict": "answer, map and verdict",
}


def shown_in_turn(seed: int, films: int) -> list[Shown]:
    """What is shown with each film of a deck, each as often as the others, in seeded order."""
    order = np.random.default_rng([seed, 3]).permutation(films)
    return [SHOWN[position % len(SHOWN)] for position in order]


@dataclass(frozen=True)
class Revisions:
    """Changes of answers after the model was seen.

    Attributes:
        films: Number of films.
        first_right: Films with a right first answer.
        right_to_wrong: Those whose second answer is wrong.
        wrong_to_right: Films whose first answer is wrong and the second right.
        shift: Mean change of the stated probability toward the model's answer; None without films.
    """

    films: int
    first_right: int
    right_to_wrong: int
    wrong_to_right: int
    shift: float | None

    @property
    def first_wrong(self) -> int:
        """Films with a wrong first answer."""
        return self.films - self.first_right


def revisions(played: Iterable[Played]) -> Revisions:
    """Count the changes of the films that have a second answer."""
    pairs = [(film.first, film.reader, film.model) for film in played if film.first and film.model]
    shifts = [
        (second.probability - first.probability) * (1 if model.present else -1)
        for first, second, model in pairs
    ]
    return Revisions(
        films=len(pairs),
        first_right=sum(first.correct for first, _, _ in pairs),
        right_to_wrong=sum(first.correct and not second.correct for first, second, _ in pairs),
        wrong_to_right=sum(second.correct and not first.correct for first, second, _ in pairs),
        shift=float(np.mean(shifts)) if shifts else None,
    )


def grouped(played: Sequence[Played]) -> dict[str, Revisions]:
    """Changes by what was shown, by the verdict and by the model's answer, without empty groups."""
    groups = {"All films": played}
    groups |= {f"Shown: {TITLES[shown]}": [film for film in played if film.shown == shown] for shown in SHOWN}
    groups |= {
        "Verdict: supported": [film for film in played if film.support == "supported"],
        "Verdict: not supported or cannot tell": [
            film for film in played if film.support not in ("", "supported")
        ],
        "Model right": [film for film in played if film.model and film.model.correct],
        "Model wrong": [film for film in played if film.model and not film.model.correct],
    }
    counted = {name: revisions(films) for name, films in groups.items()}
    return {name: group for name, group in counted.items() if group.films}
