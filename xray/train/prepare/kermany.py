"""Kermany's chest films of children: chest_xray/SPLIT/CLASS/ to 224-px squares with labels.csv."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tqdm import tqdm

from xray.train.prepare.download import File, not_found
from xray.train.prepare.films import decoded, jpeg, squeezed
from xray.train.prepare.target import Target
from xray.train.public_data import COLLECTIONS

SPLITS, CLASSES = ("train", "val", "test"), ("NORMAL", "PNEUMONIA")
PATIENT = re.compile(  # person1_bacteria_2, IM-0001-0001, NORMAL2-IM-0035-0001, BACTERIA-1008087-0001
    r"(person\d+_[a-z]+|(?:NORMAL2-)?IM-\d+|(?:NORMAL|BACTERIA|VIRUS)-\d+)", re.IGNORECASE
)
CAUSE = re.compile(r"bacteria|virus", re.IGNORECASE)


def prepare(files: Sequence[File], target: Target) -> None:
    """Write SPLIT/CLASS/NAME.jpg and labels.csv.

    A patient is the part of a file name before the number of the film.
    """
    side = COLLECTIONS[target.name].side
    films = [
        (file, split, label)
        for split in SPLITS
        for label in CLASSES
        for file in files
        if file.is_in(split, label)
    ]
    if {"train", "test"} - {split for _, split, _ in films}:
        not_found(target.name, "There is no train/NORMAL or test/NORMAL with films.")
    rows = []
    for file, split, label in tqdm(films, desc=target.name, unit="film"):
        path = f"{split}/{label}/{file.path.stem}.jpg"
        if target.has(path):
            target.leave_out("film that is there twice", file.path)
            continue
        pixels = decoded(file, target)
        if pixels is None:
            continue
        target.write(path, jpeg(squeezed(pixels, side)))
        target.counts[f"{split}: {label}"] += 1
        rows.append((path, *_label_and_patient(file.path.stem, label), split, "AP"))
    target.write_list("labels.csv", ("path", "labels", "patient_id", "split", "view"), sorted(rows))


def _label_and_patient(name: str, label: str) -> tuple[str, str]:
    patient, cause = PATIENT.match(name), CAUSE.search(name)
    if label == "PNEUMONIA" and cause:
        label = f"{label}|{cause[0].lower()}"
    return label, patient[1] if patient else name
