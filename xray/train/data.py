"""Labeled folders: labels.csv, data.yaml, or one folder per class under train/, val/ and test/."""

from __future__ import annotations

import csv
import hashlib
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from xray.errors import UnreadableImage, UnusableData
from xray.train.boxes import boxed_films, boxed_list
from xray.train.film import SUFFIXES, Film, plain


def read_dataset(folder: Path, test_share: float = 0.0, own_split: bool = False) -> list[Film]:
    """Read the list of films of a data set.

    A labels.csv has the columns `path` and `labels` (names separated by |) or `class`, and optionally
    `patient_id`, `split` and `dataset`. Without it, the folders SPLIT/CLASS/ or CLASS/ are read, and every
    film counts as one patient. A data.yaml is read in YOLO format (see boxes.py).

    Args:
        folder: The folder, or a data.yaml file.
        test_share: Share of the patients moved to the split `test`, chosen by a hash of the patient id and
            therefore always the same.
        own_split: Whether to ignore the splits of the data set and use the patients with a box in boxes.csv
            as test patients.

    Raises:
        UnusableData: If there are no labeled films or the list cannot be read.
    """
    listed, boxes = folder / "labels.csv", boxed_list(folder)
    if boxes.is_file():
        films = boxed_films(boxes)
    else:
        films = _from_csv(listed) if listed.is_file() else _from_folders(folder)
    if not films:
        raise UnusableData(
            f"{folder.name or folder} holds no labeled films.",
            hint="Give a folder with labels.csv (path, labels, patient_id, split) or SPLIT/CLASS/film.",
        )
    if own_split:
        boxed = _boxed_patients(folder / "boxes.csv", films)
        films = [replace(film, split="test" if film.patient in boxed else "") for film in films]
    return [replace(film, split="test") if _share_of(film.patient) < test_share else film for film in films]


def _boxed_patients(boxes: Path, films: list[Film]) -> set[str]:
    if not boxes.is_file():
        return set()
    with boxes.open(newline="", encoding="utf-8") as lines:
        boxed = {Path(row["image"]).stem for row in csv.DictReader(lines)}
    return {film.patient for film in films if film.path.stem in boxed}


def _share_of(patient: str) -> float:
    """Map a patient id to a fixed pseudo-random number in [0, 1)."""
    return int.from_bytes(hashlib.sha256(patient.encode()).digest()[:6]) / 2**48


def _from_csv(listed: Path) -> list[Film]:
    with listed.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    label = "labels" if rows and "labels" in rows[0] else "class"
    if rows and not {"path", label} <= rows[0].keys():
        raise UnusableData(
            "labels.csv lacks a column path or labels.", hint="Name the columns in its first line."
        )
    return [
        Film(
            path=listed.parent / row["path"],
            labels=frozenset(map(plain, row[label].split("|"))),
            patient=row.get("patient_id") or row["path"],
            split=row.get("split") or "",
            source=row.get("dataset") or row.get("source_repo") or "",
        )
        for row in rows
    ]


def _from_folders(folder: Path) -> list[Film]:
    return [
        Film(
            path=path,
            labels=frozenset({plain(path.parent.name)}),
            patient=path.relative_to(folder).as_posix(),
            split=path.parent.parent.name if path.parent.parent != folder else "",
        )
        for path in sorted(folder.glob("*/*")) + sorted(folder.glob("*/*/*"))
        if path.suffix.lower() in SUFFIXES
    ]


def targets_of(films: Iterable[Film], findings: tuple[str, ...], *, several: bool) -> NDArray[np.float32]:
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
    names = [plain(finding) for finding in findings]
    rows = []
    for film in films:
        row = [float(name in film.labels) for name in names]
        if not film.known and (sum(row) < 1 or (sum(row) > 1 and not several)):
            raise UnusableData(
                f"{film.path.name} is labeled {'|'.join(sorted(film.labels)) or 'nothing'}.",
                hint=f"It needs {'at least' if several else 'exactly'} one of: {', '.join(findings)}.",
            )
        if film.known:
            row = [value if name in film.known else np.nan for name, value in zip(names, row, strict=True)]
        rows.append(row)
    return np.array(rows, dtype=np.float32)


def split_by_patient(films: list[Film], share: float, seed: int) -> tuple[list[Film], list[Film]]:
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
            tqdm.write(f"Left out: {error}", file=sys.stderr)
        else:
            kept.append(film)
    return kept
