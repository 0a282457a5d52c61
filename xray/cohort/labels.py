"""Labels of a cohort, from CSV files or a data set folder, matched by file name."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from xray.access import Visitor, owner_of
from xray.errors import UnusableData
from xray.train.boxes import boxed_list
from xray.train.data import read_dataset
from xray.train.film import plain
from xray.types import Pixels

FILE = ("path", "file", "image index")  # the last of each as NIH's own list names them
LABEL = ("labels", "label", "class", "finding labels")
PATIENT = ("patient_id", "patient id")
NOTHING = {"no finding", "normal", "none", "negative", ""}  # labels that say a film shows no finding
SAME = {"fractured": "fracture"}


@dataclass(frozen=True)
class Truth:
    """The labels of one film.

    Attributes:
        labels: Labels as plain() spells them.
        patient: Patient id, or the file name if unknown.
        known: Findings that the labels cover; empty for all.
    """

    labels: frozenset[str]
    patient: str
    known: frozenset[str] = frozenset()


class Labels:
    """Labels by file name: by the whole path, or by the base name if only one film has it."""

    def __init__(self, by_path: Mapping[str, Truth]) -> None:
        self._by_path = dict(by_path)
        self._by_base: dict[str, Truth | None] = {}
        for path, truth in by_path.items():
            base = PurePosixPath(path).name
            self._by_base[base] = None if base in self._by_base else truth

    def __len__(self) -> int:
        return len(self._by_path)

    def of(self, file: str) -> Truth | None:
        """The labels of a file, or None if unknown."""
        return self._by_path.get(file) or self._by_base.get(PurePosixPath(file).name)


def listed(lists: Iterable[tuple[str, bytes]]) -> Labels:
    """Read labels from CSV files.

    Args:
        lists: Name and bytes of each file. Its columns are path (or file), labels (joined by |) and,
            optionally, patient_id. Paths are relative to the CSV file.

    Raises:
        UnusableData: If a file is not CSV in UTF-8 or lacks a column.
    """
    found: dict[str, Truth] = {}
    for name, data in lists:
        found |= _listed(name, data)
    return Labels(found)


def manifest(name: str, data: bytes) -> tuple[list[str], Labels]:
    """Read a list of films.

    Args:
        name: Name of the CSV file.
        data: Its bytes.

    Returns:
        The distinct paths or URLs in the order of the file, and the labels, if it has any.

    Raises:
        UnusableData: If the file is not CSV in UTF-8 or lacks the column path.
    """
    columns = _Columns(name, data)
    paths = list(dict.fromkeys(_path(PurePosixPath(), row[columns.file]) for row in columns.rows))
    return paths, Labels(columns.truths(PurePosixPath()) if columns.label else {})


def _listed(name: str, data: bytes) -> dict[str, Truth]:
    columns = _Columns(name, data)
    if columns.label is None:
        raise _lacking(name)
    return columns.truths(PurePosixPath(name).parent)


class _Columns:
    """The rows of a CSV file that name a film, and its column names for file, labels and patient."""

    def __init__(self, name: str, data: bytes) -> None:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise UnusableData(f"{name} is not UTF-8 text.", hint="Save it as CSV in UTF-8.") from error
        first = text.partition("\n")[0]
        read = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
        named = {(column or "").strip().lower(): column for column in read.fieldnames or ()}
        file, self.label, self.patient = (
            next((named[name] for name in names if name in named), None) for names in (FILE, LABEL, PATIENT)
        )
        if file is None:
            raise _lacking(name)
        self.file: str = file
        self.rows = [row for row in read if (row[file] or "").strip()]

    def truths(self, place: PurePosixPath) -> dict[str, Truth]:
        """Truths by path; paths count from place."""
        return {
            _path(place, row[self.file]): Truth(
                frozenset(_same(label) for label in (row[self.label] or "").split("|")),
                (row.get(self.patient) if self.patient else None) or row[self.file],
            )
            for row in self.rows
        }


def _lacking(name: str) -> UnusableData:
    return UnusableData(
        f"{name} lacks a column path or labels.", hint="Name the columns in the first line: path, labels."
    )


def _path(place: PurePosixPath, written: str) -> str:
    """A path of a list, with slashes, relative to a folder; a URL unchanged."""
    path = written.strip()
    return path if "://" in path else (place / path.replace("\\", "/")).as_posix()


def of_folder(place: Path, visitor: Visitor) -> Labels:
    """Read the labels of a data set folder (see train.data.read_dataset); none for any other folder.

    Raises:
        AccessDenied: If the visitor may not open folders of the server.
        UnusableData: If its labels.csv or data.yaml is invalid.
    """
    owner_of(visitor, "files")
    try:
        films = read_dataset(place)
    except UnusableData:
        if (place / "labels.csv").is_file() or boxed_list(place).is_file():
            raise
        return Labels({})
    return Labels(
        {
            Path(os.path.relpath(film.path, place)).as_posix(): Truth(
                frozenset(map(_same, film.labels)), film.patient, frozenset(map(_same, film.known))
            )
            for film in films
        }
    )


def _same(label: str) -> str:
    return SAME.get(plain(label), plain(label))


def truths(labels: Labels | None, files: Iterable[str]) -> list[Truth | None]:
    """The labels of every file, None where unknown."""
    return [labels.of(file) if labels else None for file in files]


def targets(known: Sequence[Truth | None], findings: Sequence[str]) -> Pixels:
    """Targets of a model's findings.

    Args:
        known: Labels of n films.
        findings: K findings.

    Returns:
        float32 (n, K): 1 if a film has the finding, 0 if not, NaN if unknown. Labels without any finding of
        the model are unknown, unless they state that the film is normal.
    """
    names = [plain(finding) for finding in findings]
    rows = np.full((len(known), len(names)), np.nan, np.float32)
    for row, truth in zip(rows, known, strict=True):
        if truth is None:
            continue
        if truth.labels <= NOTHING:
            row[:] = [name in NOTHING for name in names]
        elif truth.labels & set(names):
            row[:] = [name in truth.labels for name in names]
        if truth.known:
            row[[name not in truth.known for name in names]] = np.nan
    return rows
