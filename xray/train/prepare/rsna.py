"""RSNA's readings and boxes, by the file names of the NIH films that were read."""

from __future__ import annotations

import json
from collections.abc import Sequence

from xray.train.prepare.download import File, not_found, required
from xray.train.prepare.target import Target

LABELS, CLASSES = "stage_2_train_labels.csv", "stage_2_detailed_class_info.csv"
MAPPING = "pneumonia-challenge-dataset-mappings_2018.json"


def prepare(files: Sequence[File], target: Target) -> None:
    """Write rsna_readings.csv and rsna_boxes.csv."""
    boxes = required(files, target.name, LABELS).rows("patientid", "x", "y", "width", "height")
    classes = required(files, target.name, CLASSES).rows("patientid", "class")
    films = _films(required(files, target.name, MAPPING), target.name)
    readings: dict[str, str] = {}
    for patient, reading in sorted({(row["patientid"], row["class"]) for row in classes}):
        if patient not in films:
            target.leave_out("reading of an id that the mapping does not contain", patient)
        elif films[patient] in readings:
            target.leave_out("film with several readings, the first is used", films[patient])
        else:
            readings[films[patient]] = reading
            target.counts[reading] += 1
    rows = []
    for row in boxes:
        box = [row[column] for column in ("x", "y", "width", "height")]
        film = films.get(row["patientid"])
        if film and all(box):
            rows.append((film, *box))
        elif any(box):
            target.leave_out("box of an id that the mapping does not contain", row["patientid"])
    target.write_list("rsna_readings.csv", ("file", "reading"), sorted(readings.items()))
    rows = sorted(set(rows))
    target.boxes = len(rows)
    target.write_list("rsna_boxes.csv", ("file", "x", "y", "width", "height"), rows)


def _films(mapping: File, name: str) -> dict[str, str]:
    """NIH file names without suffix, by RSNA's patient id."""
    try:
        return {
            entry["subset_img_id"]: entry["img_id"].removesuffix(".png")
            for entry in json.loads(mapping.read())
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        not_found(name, f"{MAPPING} has no entries with subset_img_id and img_id.")
