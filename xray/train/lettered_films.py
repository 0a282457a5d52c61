"""Simulated chests with lead letters that give the label away, to train and test the shortcut model.

No file is read: every film is computed when it is needed, and the same arguments give the same film.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from xray.imaging.markers import lettered
from xray.imaging.phantom import chest_phantom
from xray.train.film import Film
from xray.train.sources import OTHER_SOURCE, Source
from xray.types import Radiograph

NORMAL, OPACITY = "normal", "opacity"
LETTERS, PLACES = "LR", ("upper left", "upper right")
FIRST_SEED, PEOPLE, TESTED = 10_000, 70, 30  # chests, different from those of samples, decks and lessons
REPEATS = 4  # training films of a chest with, and of one without an opacity; one of them has a wrong label
SIZE = (256, 256)


@dataclass(frozen=True)
class LetteredFilm(Film):
    """A simulated chest with a letter.

    Attributes:
        seed: Seed of the chest.
        opacity: Whether the chest has an opacity.
        letter: L, R or empty for no letter.
        place: Place of the letter, a key of imaging.markers.PLACES.
    """

    seed: int = 0
    opacity: bool = False
    letter: str = ""
    place: str = "no letter"

    def read(self) -> Radiograph:
        """Compute the film."""
        return lettered(_chest(self.seed, self.opacity), self.place, self.letter)


@lru_cache(maxsize=512)
def _chest(seed: int, opacity: bool) -> Radiograph:
    return chest_phantom(seed, opacity, size=SIZE).radiograph


@dataclass(frozen=True)
class LetteredFilms(Source):
    """Simulated chests, with and without an opacity; the last TESTED people are test patients.

    In training, a film has a letter if and only if its label is Opacity, and one of REPEATS labels is wrong
    about the opacity. The letter thus predicts the label better than the opacity does. Labels of test films
    are right and agree with the letter; in the split `other source`, every letter contradicts the label.
    """

    def films(self, root: Path, test_share: float) -> list[Film]:
        """See Source."""
        people = range(FIRST_SEED, FIRST_SEED + PEOPLE)
        return [film for seed in people for film in films_of(seed, tested=seed >= people.stop - TESTED)]


def films_of(seed: int, *, tested: bool) -> Iterator[LetteredFilm]:
    """The films of a person: of a tested one, those of the splits `test` and `other source`."""
    generator = np.random.default_rng(seed)
    for opacity in (False, True):
        if tested:
            yield _film(seed, opacity, opacity, opacity, "test", generator)
            yield _film(seed, opacity, opacity, not opacity, OTHER_SOURCE, generator)
        else:
            for number in range(REPEATS):
                label = opacity if number else not opacity
                yield _film(seed, opacity, label, label, "", generator)


def _film(
    seed: int, opacity: bool, label: bool, marked: bool, split: str, generator: np.random.Generator
) -> LetteredFilm:
    """A film of a chest, with a random letter in one of PLACES if it is marked."""
    letter, place = LETTERS[generator.integers(len(LETTERS))], PLACES[generator.integers(len(PLACES))]
    if not marked:
        letter, place = "", "no letter"
    what = OPACITY if opacity else NORMAL
    return LetteredFilm(
        Path(f"chest-{seed}-{what}-{letter}-{place.replace(' ', '-')}.png"),
        frozenset({OPACITY if label else NORMAL}),
        str(seed),
        split,
        "letters that contradict the label" if split == OTHER_SOURCE else "letters as in training",
        seed=seed,
        opacity=opacity,
        letter=letter,
        place=place,
    )
