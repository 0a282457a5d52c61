"""Data sources of a recipe: folders whose labels are mapped to the recipe's findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from xray.io.label_lists import plain
from xray.train.data import read_dataset
from xray.train.film import Film
from xray.train.public_data import collection_folder

T = TypeVar("T")

OTHER_SOURCE = "other source"  # the split of the collections that are not used in training
READINGS = "readings"  # the split of test films with radiologists' readings as labels
EVALUATED = ("test", OTHER_SOURCE, READINGS)  # splits that are not used in training


@dataclass(frozen=True)
class Source:
    """A collection and how its films are used.

    Attributes:
        folder: Name of a collection (see public_data), or a path relative to `XRAY_TRAINING_DATA`.
        rename: Labels to findings; other labels are kept.
        all_are: Finding of all films, regardless of their labels.
        known: Findings that the labels cover; empty for all.
        elsewhere: (collection, finding) pairs, or ("*", finding) for any collection, that are not used in
            training and form the split `other source`.
        most: Largest number of training films, and of films in that split.
        own_split: See data.read_dataset.
        helper: Whether the films are only used as additional training films.
        collection: Name of the collection on cards; empty to keep the one that the list of films gives.
    """

    folder: str
    rename: Mapping[str, str] = field(default_factory=dict)
    all_are: str = ""
    known: tuple[str, ...] = ()
    elsewhere: tuple[tuple[str, str], ...] = ()
    most: int | None = None
    own_split: bool = False
    helper: bool = False
    collection: str = ""

    def films(self, root: Path, test_share: float) -> list[Film]:
        """Read the films of this source.

        Raises:
            UnusableData: If the collection is not there or cannot be used.
        """
        folder = collection_folder(self.folder, root)
        films = self.used(read_dataset(folder, test_share, self.own_split))
        return [replace(film, source=self.collection or film.source) for film in films]

    def used(self, films: list[Film]) -> list[Film]:
        """Return films with mapped labels, splits and limits of this source."""
        renamed = {plain(old): plain(new) for old, new in self.rename.items()}
        named = [
            replace(
                film,
                labels=frozenset(
                    {plain(self.all_are)}
                    if self.all_are
                    else (renamed.get(label, label) for label in film.labels)
                ),
                known=frozenset(map(plain, self.known)) or film.known,
            )
            for film in films
        ]
        away = {(collection, plain(finding)) for collection, finding in self.elsewhere}
        placed = [
            replace(film, split=OTHER_SOURCE)
            if any({(film.source, label), ("*", label)} & away for label in film.labels)
            else film
            for film in named
        ]
        learned = [film for film in placed if film.split not in EVALUATED]
        if self.helper:
            return spread(learned, self.most)
        tested = [film for film in placed if film.split == "test"]
        other = [film for film in placed if film.split == OTHER_SOURCE]
        return spread(learned, self.most) + tested + spread(other, self.most)


def spread(films: list[T], most: int | None) -> list[T]:
    """Return at most the given number of items, evenly spaced in the list."""
    if most is None or len(films) <= most:
        return films
    return [films[index * len(films) // most] for index in range(most)]
