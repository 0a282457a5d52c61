"""Which films a recipe learns from: several folders, their labels translated to the recipe's findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from xray.train.data import read_dataset
from xray.train.film import Film, plain

OTHER_SOURCE = "other source"  # a split: films of collections that a model never learned from


@dataclass(frozen=True)
class Source:
    """A folder under the shared one, and how its films are used.

    rename: its labels -> findings; labels not named stay as they are. all_are: the one finding of all of its
    films, whatever their labels. known: the findings its labels speak of; none for all. elsewhere:
    (collection, finding) pairs, or ("*", finding) for any collection, that are never learned from and make up
    the split `other source`. most: at most so many films to learn from, and as many in that split.
    own_split: see read_dataset. helper: films that only help to learn; they are in no other split.
    """

    folder: str
    rename: Mapping[str, str] = field(default_factory=dict)
    all_are: str = ""
    known: tuple[str, ...] = ()
    elsewhere: tuple[tuple[str, str], ...] = ()
    most: int | None = None
    own_split: bool = False
    helper: bool = False

    def films(self, root: Path, test_share: float) -> list[Film]:
        """Raises UnusableData."""
        return self.used(read_dataset(root / self.folder, test_share, self.own_split))

    def used(self, films: list[Film]) -> list[Film]:
        renamed = {plain(old): plain(new) for old, new in self.rename.items()}
        named = [
            replace(
                film,
                labels=frozenset(
                    {plain(self.all_are)} if self.all_are else (renamed.get(one, one) for one in film.labels)
                ),
                known=frozenset(map(plain, self.known)),
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
        learned = [film for film in placed if film.split not in ("test", OTHER_SOURCE)]
        if self.helper:
            return spread(learned, self.most)
        tested = [film for film in placed if film.split == "test"]
        other = [film for film in placed if film.split == OTHER_SOURCE]
        return spread(learned, self.most) + tested + spread(other, self.most)


def spread(films: list[Film], most: int | None) -> list[Film]:
    """At most so many films, evenly from the whole list."""
    if most is None or len(films) <= most:
        return films
    return [films[index * len(films) // most] for index in range(most)]
