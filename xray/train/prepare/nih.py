"""NIH ChestX-ray14: films, labels and the official split, with the boxes of BBox_List_2017.csv."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tqdm import tqdm

from xray.io.tables import Row
from xray.train.prepare.download import File, named, not_found, required
from xray.train.prepare.films import decoded, jpeg, short_side
from xray.train.prepare.target import Target
from xray.train.public_data import COLLECTIONS

FILM = re.compile(r"(\d{8})_\d{3}\.png", re.IGNORECASE)  # patient
ORIGINAL = 1024  # side in px of the published films, in which boxes are measured
SPLITS = {"train_val": "train_val_list.txt", "test": "test_list.txt"}
ONE_ARCHIVE = {"nih-chest-128": range(1336, 3924)}  # patients of the archive images_002
COLUMNS = ("path", "labels", "patient_id", "split", "view", "age", "sex")


def prepare(files: Sequence[File], target: Target) -> None:
    """Write images/NAME.jpg, labels.csv and boxes.csv."""
    entries = required(files, target.name, "Data_Entry_2017.csv", "Data_Entry_2017_v2020.csv")
    listed = {row["imageindex"]: row for row in entries.rows("imageindex", "findinglabels")}
    splits = {
        name.strip(): split
        for split, file in SPLITS.items()
        for name in required(files, target.name, file).read().decode("utf-8", "replace").splitlines()
    }
    films = [(file, found) for file in files if (found := FILM.fullmatch(file.path.name))]
    if not films:
        not_found(target.name, "There are no films such as 00000001_000.png.")
    wanted, side, rows = ONE_ARCHIVE.get(target.name), COLLECTIONS[target.name].side, []
    for file, found in tqdm(films, desc=target.name, unit="film"):
        name, path = file.path.name, f"images/{file.path.stem}.jpg"
        if wanted and int(found[1]) not in wanted:
            target.leave_out("film of another archive than images_002", name)
        elif target.has(path):
            target.leave_out("film that is there twice", name)
        elif name not in listed:
            target.leave_out("film without a row in Data_Entry_2017", name)
        elif name not in splits:
            target.leave_out("film in neither official list", name)
        elif (pixels := decoded(file, target)) is not None:
            target.write(path, jpeg(short_side(pixels, side)))
            target.counts[splits[name]] += 1
            rows.append(_row(path, str(int(found[1])), splits[name], listed[name]))
    target.write_list("labels.csv", COLUMNS, sorted(rows))
    for name in listed:
        if not target.has(f"images/{name.rpartition('.')[0]}.jpg"):
            target.leave_out("row of Data_Entry_2017 without a film", name)
    boxes = named(files, "BBox_List_2017.csv")
    if boxes:
        _write_boxes(boxes, target)


def _row(path: str, patient: str, split: str, row: Row) -> tuple[str, ...]:
    age = row.get("patientage", "").rstrip("Yy")
    sex = row.get("patientgender") or row.get("patientsex", "")
    return path, row["findinglabels"], patient, split, row.get("viewposition", ""), age, sex


def _write_boxes(file: File, target: Target) -> None:
    """Write the boxes of the films that are there."""
    rows = []
    for row in file.rows("imageindex", "findinglabel", "bboxx", "y", "w", "h"):
        stem = row["imageindex"].rpartition(".")[0]
        if target.has(f"images/{stem}.jpg"):
            rows.append((row["imageindex"], row["findinglabel"], *_box(row), ORIGINAL, ORIGINAL))
        else:
            target.leave_out("box of a film that is not there", row["imageindex"])
    target.boxes = len(rows)
    target.write_list("boxes.csv", ("image", "label", "x", "y", "w", "h", "width", "height"), rows)


def _box(row: Row) -> list[str]:
    return [row["bboxx"], row["y"], row["w"], row["h"]]  # of the column names `Bbox [x`, `y`, `w`, `h]`
