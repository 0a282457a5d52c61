"""Labeled folders: a list of labels, data.yaml, or one folder per class under train/, val/ and test/."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from xray.errors import UnreadableImage, UnusableData
from xray.io.box_lists import boxes_of
from xray.io.decode import content
from xray.io.folders import files_below, is_film_file
from xray.io.label_lists import FilmLabels, is_label_list, read_film_list, stated
from xray.io.label_matching import match_attributes, match_labels
from xray.io.tables import is_table
from xray.train.boxes import boxed_films, boxed_list
from xray.train.film import Film
from xray.train.prepare.target import require_whole
from xray.train.targets import renamed_class, targets, unreported_labels
from xray.types import Pixels

Report = Callable[[str], object]

F = TypeVar("F", bound=Film)


def warn(message: str) -> None:
    """Write a message on standard error, above a progress bar."""
    tqdm.write(message, file=sys.stderr)


def no_report(message: str) -> None:
    """Ignore a message."""


def read_dataset(
    folder: Path, test_share: float = 0.0, own_split: bool = False, report: Report = warn
) -> list[Film]:
    """Read the labeled films of a data set.

    A data.yaml is read in YOLO format (see boxes.py), otherwise a list of labels such as labels.csv (see
    io/label_lists.py), otherwise the folders SPLIT/CLASS/ or CLASS/, where every film counts as one patient.

    Args:
        folder: The folder, a data.yaml file or a list.
        test_share: Share of the patients moved to the split `test`, chosen by a hash of the patient id and
            therefore always the same.
        own_split: Whether to ignore the splits of the data set and use the patients with a box in boxes.csv
            as test patients.
        report: Gets a message that counts what of the list is not used.

    Raises:
        UnusableData: If there are no labeled films, the list cannot be read, or the preparation of the data
            set was interrupted.
    """
    require_whole(folder)
    if boxed_list(folder).is_file():
        films = boxed_films(boxed_list(folder))
    elif listed := label_list(folder):
        films = _from_list(listed, report)
    else:
        films = _from_folders(folder)
    if not films:
        raise UnusableData(
            f"{folder.name or folder} holds no labeled films.",
            hint="Give a folder with labels.csv (path, labels, patient_id, split) or SPLIT/CLASS/film.",
        )
    if own_split:
        boxed = _boxed_patients(folder / "boxes.csv", films)
        films = [replace(film, split="test" if film.patient in boxed else "") for film in films]
    return [replace(film, split="test") if share_of(film.patient) < test_share else film for film in films]


def has_list(folder: Path) -> bool:
    """Whether a folder has a data.yaml or a list of labels."""
    return boxed_list(folder).is_file() or label_list(folder) is not None


def label_list(place: Path) -> Path | None:
    """The list of labels of a folder, labels.csv before others, or the file itself if it is a table."""
    if place.is_file() and is_table(place.name):
        return place
    found = [path for path in sorted(place.glob("*")) if is_label_list(path.name) and path.is_file()]
    return min(found, key=lambda path: path.stem.lower() != "labels", default=None)


def _boxed_patients(boxes: Path, films: list[Film]) -> set[str]:
    if not boxes.is_file():
        return set()
    boxed = boxes_of(boxes, [film.path for film in films])
    return {film.patient for film in films if film.path in boxed}


def share_of(patient: str) -> float:
    """Map a patient id to a fixed pseudo-random number in [0, 1)."""
    return int.from_bytes(hashlib.sha256(patient.encode()).digest()[:6]) / 2**48


def _from_list(listed: Path, report: Report) -> list[Film]:
    folder, contents = listed.parent, read_film_list(listed.name, content(listed))
    below = files_below(folder)
    outside = [path for path in contents.films if path.startswith(("/", "..")) and (folder / path).is_file()]
    labels, message = match_labels([contents], [*below, *outside])
    if message:
        report(message)
    attributes = match_attributes([contents], list(labels))
    return [
        Film(
            folder / path,
            given.labels,
            given.patient,
            given.split,
            given.source,
            given.known,
            given.single_class,
            attributes=attributes.get(path, {}),
        )
        for path, given in labels.items()
    ]


def _from_folders(folder: Path) -> list[Film]:
    paths = [Path(name) for name in files_below(folder)]
    folders = {path.parent for path in paths}
    classes = {folder: stated([folder.name]) or FilmLabels(frozenset(), "") for folder in folders}
    return [
        Film(
            path=folder / path,
            labels=classes[path.parent].labels,
            known=classes[path.parent].known,
            patient=path.as_posix(),
            split=path.parts[0] if len(path.parts) == 3 else "",
        )
        for path in sorted(paths, key=lambda path: (len(path.parts), path))
        if len(path.parts) in (2, 3) and is_film_file(folder / path)
    ]


def targets_of(films: Sequence[Film], findings: tuple[str, ...], *, several: bool) -> NDArray[np.float32]:
    """Return the labels of films as an array.

    Args:
        films: The films (n).
        findings: The findings (K).
        several: Whether a film may have several findings.

    Returns:
        1 for a finding that is present, 0 if absent and NaN if unknown, (n, K).

    Raises:
        UnusableData: If a film has no finding, or several where only one is allowed.
    """
    rows = targets(films, findings)
    for film, fits in zip(films, _fit(rows, several), strict=True):
        if not fits:
            raise UnusableData(
                f"{film.path.name} is labeled {'|'.join(sorted(film.labels)) or 'nothing'}.",
                hint=f"It needs {'at least' if several else 'exactly'} one of: {', '.join(findings)}.",
            )
    return rows


def comparable(
    films: Sequence[Film], findings: tuple[str, ...], *, several: bool, report: Report = warn
) -> list[Film]:
    """Return the films with labels that a model's findings can be compared with.

    Args:
        films: The films.
        findings: The findings of the model.
        several: Whether a film may have several findings.
        report: Gets messages about the other films and labels, and about a single class of another name.

    Raises:
        UnusableData: If there are no such films.
    """
    fits = _fit(targets(films, findings), several)
    fitting = [film for film, fit in zip(films, fits, strict=True) if fit]
    messages = [unreported_labels(films, findings), renamed_class(films, findings)]
    if len(fitting) < len(films):
        messages.insert(0, f"{len(films) - len(fitting):,} of {len(films):,} films are left out.")
    if not fitting:
        raise UnusableData(
            f"No film has a label that the model reports ({', '.join(findings)}).", hint=messages[1]
        )
    if message := " ".join(filter(None, messages)):
        report(message)
    return fitting


def _fit(rows: Pixels, several: bool) -> NDArray[np.bool_]:
    """Which rows of targets (n, K) have a known value and, if only one finding is allowed, exactly one."""
    known = ~np.isnan(rows).all(axis=1)
    return np.asarray(known if several else known & (np.nansum(rows, axis=1) == 1))


def split_by_patient(films: list[F], share: float, seed: int) -> tuple[list[F], list[F]]:
    """Split films by patient: those of the other patients, and those of a random share of the patients."""
    patients = sorted({film.patient for film in films})
    chosen = np.random.default_rng(seed).choice(patients, round(share * len(patients)), replace=False)
    held_out = set(chosen.tolist())
    return (
        [film for film in films if film.patient not in held_out],
        [film for film in films if film.patient in held_out],
    )


def readable(films: list[Film]) -> list[Film]:
    """Return the films that can be read; the others are reported on standard error."""
    kept = []
    for film in films:
        try:
            film.read()
        except UnreadableImage as error:
            warn(f"Left out: {error}")
        else:
            kept.append(film)
    return kept
