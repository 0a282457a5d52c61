"""Labels of a cohort, from lists or from a data set folder, by the name of the film."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from xray.access import Visitor, owner_of
from xray.errors import UnusableData
from xray.io.decode import printable
from xray.io.label_lists import Attributes, FilmLabels, read_film_list
from xray.io.label_matching import match_attributes, match_labels
from xray.train.data import has_list, read_dataset
from xray.train.targets import targets, unreported_labels


class Labels:
    """Labels by the name of the film.

    Args:
        by_file: Labels of each film that has any.
        note: A message about rows of the lists that are not used.
        by_folder: Whether the labels are names of folders, which need not be labels.
        attributes: Values of other columns of the lists, by column, by film.
    """

    def __init__(
        self,
        by_file: Mapping[str, FilmLabels],
        note: str = "",
        *,
        by_folder: bool = False,
        attributes: Attributes | None = None,
    ) -> None:
        self._by_file = dict(by_file)
        self._attributes = attributes or {}
        self._note = note
        self._by_folder = by_folder

    def __len__(self) -> int:
        return len(self._by_file)

    def of(self, file: str) -> FilmLabels | None:
        """The labels of a film, or None if unknown."""
        return self._by_file.get(file)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the other columns of the lists."""
        return tuple(dict.fromkeys(column for values in self._attributes.values() for column in values))

    def attribute(self, file: str, column: str) -> str:
        """The value of a column for a film; empty if unknown."""
        return self._attributes.get(file, {}).get(column, "")

    def describe(self, findings: Sequence[str]) -> bool:
        """Whether the labels state any finding of a model to be present or absent."""
        return not np.isnan(targets(list(self._by_file.values()), findings)).all()

    def note(self, findings: Sequence[str]) -> str:
        """A message that counts the rows and labels that a model does not use, or empty."""
        if self._by_folder and not self.describe(findings):
            return ""
        return " ".join(filter(None, (self._note, unreported_labels(self._by_file.values(), findings))))


def listed(lists: Iterable[tuple[str, bytes]], films: Sequence[str]) -> Labels:
    """Read labels from lists (see xray.io.label_lists).

    Args:
        lists: Path and bytes of each file. Paths in a list are relative to the list.
        films: Names of the films.

    Raises:
        UnusableData: If a list cannot be used or matches no film.
    """
    read = [
        read_film_list(PurePosixPath(path).name, data, place=PurePosixPath(path).parent.as_posix())
        for path, data in lists
    ]
    return Labels(*match_labels(read, films), attributes=match_attributes(read, films))


def beside(read: Callable[..., Labels], *given: object) -> Labels:
    """Read labels that lie beside films; if their list cannot be used, none, with a note that says why."""
    try:
        return read(*given)
    except UnusableData as error:
        return Labels({}, f"{error} The films can be analyzed without labels.")


def of_folder(place: Path, visitor: Visitor) -> Labels:
    """Read the labels of a data set folder (see train.data.read_dataset); none for any other folder.

    Raises:
        AccessDenied: If the visitor may not open folders of the server.
        UnusableData: If its list or data.yaml is invalid.
    """
    owner_of(visitor, "files")
    notes: list[str] = []
    try:
        films = read_dataset(place, report=notes.append)
    except UnusableData:
        if has_list(place):
            raise
        return Labels({})
    named = {printable(Path(os.path.relpath(film.path, place)).as_posix()): film for film in films}
    by_file = {
        name: FilmLabels(film.labels, film.patient, film.known, film.single_class)
        for name, film in named.items()
    }
    attributes = {name: film.attributes for name, film in named.items() if film.attributes}
    return Labels(by_file, " ".join(notes), by_folder=not has_list(place), attributes=attributes)


def truths(labels: Labels | None, files: Iterable[str]) -> list[FilmLabels | None]:
    """The labels of every file, None where unknown."""
    return [labels.of(file) if labels else None for file in files]
