"""FracAtlas in YOLO format: its official split of fractured films, near-duplicates kept in one split."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from tqdm import tqdm

from xray.io.tables import Row
from xray.train.data import share_of
from xray.train.prepare.download import File, not_found, required
from xray.train.prepare.films import decoded, gray, jpeg, long_side
from xray.train.prepare.near_duplicates import fingerprint, groups
from xray.train.prepare.target import Target
from xray.train.public_data import COLLECTIONS

SPLITS = ("test", "valid", "train")  # a group with films of several splits gets the first
HELD_OUT = 1 / 6  # share of the groups without fractures in each of test and valid
TAGS = (
    *("hand", "leg", "hip", "shoulder", "mixed", "hardware", "multiscan"),
    *("frontal", "lateral", "oblique"),
)
COLUMNS = ("path", "split", "fractured", "boxes", "orig_w", "orig_h", "downsized", "near_dup_group", *TAGS)
DATA_YAML = (
    "# FracAtlas, CC BY 4.0\npath: .\ntrain: train/images\nval: valid/images\ntest: test/images\nnc: 1\n"
    "names: [fractured]\n"
)


def prepare(files: Sequence[File], target: Target) -> None:
    """Write SPLIT/images/, SPLIT/labels/, data.yaml and manifest.csv."""
    listed = {
        row["imageid"]: row for row in required(files, target.name, "dataset.csv").rows("imageid", *TAGS)
    }
    official = _official(files, target.name)
    boxes = {file.path.stem: file for file in files if file.is_in("Annotations", "YOLO")}
    films = [
        (file, folder == "Fractured")
        for folder in ("Fractured", "Non_fractured")
        for file in files
        if file.is_in("images", folder)
    ]
    if not films or not boxes:
        not_found(target.name, "There are no films in images/Fractured, or no boxes in Annotations/YOLO.")
    kept: dict[str, tuple[File, bool]] = {}
    prints: list[np.ndarray] = []
    for file, fractured in tqdm(films, desc=target.name, unit="film"):
        name = file.path.name
        if name not in listed:
            target.leave_out("film without a row in dataset.csv", name)
        elif name in kept:
            target.leave_out("film that is there twice", file.path)
        elif fractured and name not in official:
            target.leave_out("film with fractures in no official list", name)
        elif fractured and not (file.path.stem in boxes and _has_boxes(boxes[file.path.stem])):
            target.leave_out("film with fractures without readable boxes", name)
        elif (pixels := decoded(file, target)) is not None:
            kept[name] = file, fractured
            prints.append(fingerprint(pixels))
    group_of = dict(zip(kept, groups(np.array(prints)), strict=True))
    splits = _splits(kept, group_of, official)
    rows = [
        _write(*kept[name], splits[name], f"g{group_of[name]}", listed[name], boxes, target) for name in kept
    ]
    target.write_list("manifest.csv", COLUMNS, sorted(rows))
    target.write("data.yaml", DATA_YAML.encode())


def _has_boxes(file: File) -> bool:
    """Whether every line is a class and a center and size as shares of the film, and there is one."""
    try:
        lines = [[float(value) for value in line.split()] for line in file.read().decode().splitlines()]
    except ValueError:
        return False
    return bool(lines) and all(
        len(line) == 5 and all(0 <= value <= 1 for value in line[1:]) for line in lines
    )


def _official(files: Sequence[File], name: str) -> dict[str, str]:
    """Split of each film with fractures."""
    lists = {file.path.stem: file for file in files if file.is_in("Fracture Split")}
    return {
        row["imageid"]: split
        for split in SPLITS
        for row in (lists.get(split) or not_found(name, f"There is no {split}.csv.")).rows("imageid")
    }


def _splits(
    kept: Mapping[str, tuple[File, bool]], group_of: Mapping[str, int], official: Mapping[str, str]
) -> dict[str, str]:
    """The official split of a film with fractures; one split for all other films of a group."""
    members: dict[int, list[str]] = defaultdict(list)
    for name, group in group_of.items():
        members[group].append(name)
    splits: dict[str, str] = {}
    for names in members.values():
        given = {official[name] for name in names if kept[name][1]}
        share = share_of(min(names))
        assigned = "test" if share < HELD_OUT else "valid" if share < 2 * HELD_OUT else "train"
        common = next((split for split in SPLITS if split in given), assigned)
        splits |= {name: official[name] if kept[name][1] else common for name in names}
    return splits


def _write(
    file: File,
    fractured: bool,
    split: str,
    group: str,
    row: Row,
    boxes: Mapping[str, File],
    target: Target,
) -> tuple[object, ...]:
    """Write a film with its boxes, and return its row of the manifest."""
    pixels = gray(file)
    height, width = pixels.shape
    side = COLLECTIONS[target.name].side
    downsized = max(height, width) > side
    path = f"{split}/images/{file.path.stem}.jpg"
    target.write(path, jpeg(long_side(pixels, side)))
    text = boxes[file.path.stem].read() if fractured else b""
    target.write(f"{split}/labels/{file.path.stem}.txt", text)
    target.counts[f"{split}: {'fractured' if fractured else 'not fractured'}"] += 1
    tags = [row.get(tag, "") for tag in TAGS]
    found = len(text.splitlines())
    target.boxes += found
    return path, split, int(fractured), found, width, height, int(downsized), group, *tags
