"""A folder of labeled films: labels.csv, or one folder per class under train/, val/ and test/."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from xray.errors import UnusableData
from xray.io import read_radiograph
from xray.models.classifier import resize
from xray.types import Radiograph

SUFFIXES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".dcm"}


@dataclass(frozen=True)
class Film:
    """One row: where the file is, its labels in lower case, the patient and the split it belongs to."""

    path: Path
    labels: frozenset[str]
    patient: str
    split: str

    def read(self) -> Radiograph:
        """Raises UnreadableImage, or UnusableData where the file is missing."""
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise UnusableData(
                f"{self.path.name} is listed but cannot be opened.", hint="Check the paths in labels.csv."
            ) from error
        return read_radiograph(content, self.path.name)


def read_dataset(folder: Path) -> list[Film]:
    """Every film of a data set. Raises UnusableData.

    labels.csv needs the columns path and labels (names joined by |), and may have patient_id and split.
    Without it, SPLIT/CLASS/film or CLASS/film is read; every film then counts as a patient of its own.
    """
    listed = folder / "labels.csv"
    films = _from_csv(listed) if listed.is_file() else _from_folders(folder)
    if not films:
        raise UnusableData(
            f"{folder.name or folder} holds no labeled films.",
            hint="Give a folder with labels.csv (path, labels, patient_id, split) or SPLIT/CLASS/film.",
        )
    return films


def _from_csv(listed: Path) -> list[Film]:
    with listed.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    if rows and not {"path", "labels"} <= rows[0].keys():
        raise UnusableData(
            "labels.csv lacks a column path or labels.", hint="Name the columns in its first line."
        )
    return [
        Film(
            path=listed.parent / row["path"],
            labels=frozenset(label.strip().casefold() for label in row["labels"].split("|")),
            patient=row.get("patient_id") or row["path"],
            split=row.get("split") or "",
        )
        for row in rows
    ]


def _from_folders(folder: Path) -> list[Film]:
    return [
        Film(
            path=path,
            labels=frozenset({path.parent.name.casefold()}),
            patient=path.relative_to(folder).as_posix(),
            split=path.parent.parent.name if path.parent.parent != folder else "",
        )
        for path in sorted(folder.glob("*/*")) + sorted(folder.glob("*/*/*"))
        if path.suffix.lower() in SUFFIXES
    ]


def targets_of(films: Iterable[Film], findings: tuple[str, ...]) -> NDArray[np.int64]:
    """The index of each film's one finding, (n). Raises UnusableData for a film with none or several."""
    found = []
    for film in films:
        matches = [index for index, finding in enumerate(findings) if finding.casefold() in film.labels]
        if len(matches) != 1:
            raise UnusableData(
                f"{film.path.name} is labeled {'|'.join(sorted(film.labels)) or 'nothing'}.",
                hint=f"Every film needs exactly one of: {', '.join(findings)}.",
            )
        found.append(matches[0])
    return np.array(found)


def split_by_patient(films: list[Film], share: float, seed: int) -> tuple[list[Film], list[Film]]:
    """The films of the other patients, and the films of a random share of the patients."""
    patients = sorted({film.patient for film in films})
    chosen = np.random.default_rng(seed).choice(patients, round(share * len(patients)), replace=False)
    held_out = set(chosen.tolist())
    return (
        [film for film in films if film.patient not in held_out],
        [film for film in films if film.patient in held_out],
    )


def load_pixels(films: list[Film], size: int, what: str) -> Tensor:
    """Every film read through the same door as a user's, stretched, as uint8 (n, 1, size, size)."""
    pixels = torch.empty((len(films), 1, size, size), dtype=torch.uint8)
    for index, film in enumerate(tqdm(films, desc=f"reading {what}", unit="film")):
        pixels[index] = resize(torch.tensor(film.read().pixels), size)[0].clamp(0, 1).mul(255).round().byte()
    return pixels
