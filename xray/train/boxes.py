"""Data sets with boxes in YOLO format: data.yaml, and a folder labels/ beside every folder images/."""

from __future__ import annotations

import os
from pathlib import Path

import yaml

from xray.errors import UnusableData
from xray.io.decode import content
from xray.io.folders import is_film_file
from xray.io.label_lists import plain
from xray.io.matching import slashed
from xray.io.tables import Row, read_table
from xray.train.film import Box, Film

REGIONS = ("hand", "leg", "hip", "shoulder")  # columns of manifest.csv with the value 1, in this order
TAGS = {  # columns of manifest.csv with the value 1, and their meaning
    "frontal": "frontal",
    "lateral": "lateral",
    "oblique": "oblique",
    "hardware": "hardware",
    "downsized": "high resolution",
    "multiscan": "several views",
}


def boxed_list(place: Path) -> Path:
    """Return the path of data.yaml for a folder, or the path itself for a YAML file."""
    return place if place.suffix in (".yaml", ".yml") else place / "data.yaml"


def boxed_films(listed: Path) -> list[Film]:
    """Read the films of a data.yaml with exactly one class.

    A film without boxes does not show the finding. An optional manifest.csv (path, near_dup_group and the
    columns in REGIONS and TAGS) lists near-duplicates, which count as one patient, and properties.

    Raises:
        UnusableData: If the file cannot be read or has several classes.
    """
    folder = listed.parent
    try:
        facts = yaml.safe_load(listed.read_text(encoding="utf-8"))
        names = facts["names"]
        names = list(names.values()) if isinstance(names, dict) else list(names)
        root = folder / facts.get("path", ".")
        places = {
            split: _images(root, facts[split]) for split in ("train", "val", "test") if facts.get(split)
        }
    except (OSError, yaml.YAMLError, AttributeError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise UnusableData(
            f"{listed.name} of {folder.name} cannot be read.", hint="It needs names, train, val and test."
        ) from error
    if len(names) != 1:
        raise UnusableData(
            f"{listed.name} of {folder.name} has {len(names)} classes.",
            hint="It must have exactly one: the finding.",
        )
    manifest = _manifest(folder / "manifest.csv")
    return [
        _film(path, plain(str(names[0])), split, manifest.get(slashed(os.path.relpath(path, folder)), {}))
        for split, place in places.items()
        for path in sorted(place.iterdir() if place.is_dir() else ())
        if path.is_file() and is_film_file(path)
    ]


def _images(root: Path, written: str) -> Path:
    """A folder of data.yaml; Roboflow writes ../train/images for a folder beside the file."""
    place = root / written
    return place if place.is_dir() else root / written.removeprefix("../")


def _film(path: Path, label: str, split: str, manifest: Row) -> Film:
    boxes = read_boxes(path.parent.parent / "labels" / f"{path.stem}.txt")
    region = next((region for region in REGIONS if manifest.get(region) == "1"), "")
    return Film(
        path=path,
        labels=frozenset({label} if boxes else ()),
        patient=manifest.get("neardupgroup") or path.stem,
        split=split,
        source=region,
        known=frozenset({label}),
        single_class=True,
        boxes=boxes,
        tags=frozenset(meaning for column, meaning in TAGS.items() if manifest.get(column) == "1"),
    )


def read_boxes(path: Path) -> tuple[Box, ...]:
    """Read the boxes of a label file (class, center x, center y, width, height, as shares of the film).

    Raises:
        UnusableData: If a line is not a box.
    """
    if not path.is_file():
        return ()
    boxes = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            x, y, width, height = (float(value) for value in line.split()[1:5])
        except ValueError as error:
            raise UnusableData(
                f"{path.name} has a line that is not a box: {line[:40]!r}.",
                hint="Write class, center x, center y, width and height, as shares of the film.",
            ) from error
        boxes.append((x - width / 2, y - height / 2, x + width / 2, y + height / 2))
    return tuple(boxes)


def _manifest(path: Path) -> dict[str, Row]:
    if not path.is_file():
        return {}
    return {slashed(row.get("path", "")): row for row in read_table(path.name, content(path)).rows}
