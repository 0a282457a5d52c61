"""Montgomery's chest films with the masks of both lungs: squares of 320 px with labels.csv."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tqdm import tqdm

from xray.train.lungs.films import two_parts
from xray.train.prepare.download import File, not_found
from xray.train.prepare.films import decoded, jpeg, png, squeezed
from xray.train.prepare.target import Target
from xray.train.public_data import COLLECTIONS

LABELS = {"0": "Normal", "1": "Tuberculosis"}  # last part of the file name
COLUMNS = ("path", "mask", "labels", "dataset", "patient_id", "age", "sex")


def prepare(files: Sequence[File], target: Target) -> None:
    """Write images/NAME.jpg, masks/NAME.png (both lungs, 255) and labels.csv."""
    side = COLLECTIONS[target.name].side
    films = [file for file in files if file.is_in("CXR_png") and file.path.suffix.lower() == ".png"]
    lungs = {
        folder: {file.path.stem: file for file in files if file.is_in("ManualMask", folder)}
        for folder in ("leftMask", "rightMask")
    }
    readings = {file.path.stem: file for file in files if file.is_in("ClinicalReadings")}
    if not films or not all(lungs.values()):
        not_found(target.name, "There are no films in CXR_png, or no masks in leftMask and rightMask.")
    rows = []
    for film in tqdm(films, desc=target.name, unit="film"):
        name = film.path.stem
        patient, _, kind = name.rpartition("_")
        if kind not in LABELS:
            target.leave_out("film whose name does not end with _0 or _1", film.path.name)
            continue
        if not all(name in masks for masks in lungs.values()):
            target.leave_out("film without both masks", film.path.name)
            continue
        parts = [decoded(file, target) for file in (film, *(masks[name] for masks in lungs.values()))]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            continue
        pixels, *masks = known
        if any(mask.shape != pixels.shape for mask in masks):
            target.leave_out("film with masks of another size", film.path.name)
            continue
        both = np.where(np.maximum(*masks) > 127, 255, 0).astype(np.uint8)
        mask = np.where(squeezed(both, side) > 127, 255, 0).astype(np.uint8)
        if not _has_two_parts(mask):
            target.leave_out("film whose masks are not two separate lungs", film.path.name)
            continue
        target.write(f"images/{name}.jpg", jpeg(squeezed(pixels, side)))
        target.write(f"masks/{name}.png", png(mask))
        target.counts[LABELS[kind]] += 1
        rows.append(
            (
                f"images/{name}.jpg",
                f"masks/{name}.png",
                LABELS[kind],
                "Montgomery",
                patient,
                *_age_and_sex(readings.get(name)),
            )
        )
    target.write_list("labels.csv", COLUMNS, sorted(rows))


def _has_two_parts(mask: np.ndarray) -> bool:
    try:
        two_parts(mask > 127)
    except ValueError:
        return False
    return True


def _age_and_sex(reading: File | None) -> tuple[str, str]:
    """Values of the lines `Patient's Age: 027Y` and `Patient's Sex: F`; empty if unknown."""
    lines = reading.read().decode("utf-8", "replace").splitlines() if reading else []
    values = {key.strip().lower(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    age = values.get("patient's age", "").rstrip("Yy").lstrip("0")
    return age, values.get("patient's sex", "")
