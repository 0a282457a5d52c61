"""Films of NIH ChestX-ray14 with RSNA's readings: one split by patient over all folders.

The readings are those of the RSNA Pneumonia Detection Challenge (Shih et al. 2019,
doi:10.1148/ryai.2019180041).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from xray.io.decode import content
from xray.io.tables import Row, read_table
from xray.train.data import no_report, read_dataset
from xray.train.film import Box, Film
from xray.train.prepare.target import require_whole
from xray.train.public_data import collection_folder
from xray.train.sources import Source

OWN_SHARE = 0.2  # of the patients of the first folder
ORIGINAL = 1024  # side in px of the published films, in which boxes are measured
FIRST_FOLDER, FOLDERS = "nih-chest", ("nih-chest", "nih-chest-128")  # see public_data
READINGS, BOXES = "rsna_readings.csv", "rsna_boxes.csv"
NORMAL, OPACITY = "Normal", "Lung Opacity"


@dataclass(frozen=True)
class Lists:
    """What is known about all NIH films.

    Attributes:
        official: Patients of the official test list.
        own: Own test patients: every fifth of the first folder by a hash of the id, and those with a box in
            its boxes.csv.
        readings: RSNA's reading by file stem.
        boxes: RSNA's boxes of lung opacities by file stem, as shares of the film.
    """

    official: frozenset[str]
    own: frozenset[str]
    readings: Mapping[str, str]
    boxes: Mapping[str, tuple[Box, ...]]


@lru_cache(maxsize=2)
def nih_lists(root: Path) -> Lists:
    """Read the lists of all NIH films under a folder. Raises UnusableData if one is missing or unreadable."""
    folders = [collection_folder(name, root) for name in FOLDERS]
    lists = collection_folder("rsna-readings", root)
    require_whole(lists)
    films = [film for folder in folders for film in read_dataset(folder, report=no_report)]
    own = read_dataset(collection_folder(FIRST_FOLDER, root), OWN_SHARE, own_split=True, report=no_report)
    boxes: dict[str, tuple[Box, ...]] = defaultdict(tuple)
    for row in _rows(lists / BOXES):
        x, y, width, height = (float(row[name]) / ORIGINAL for name in ("x", "y", "width", "height"))
        boxes[row["file"]] += ((x, y, x + width, y + height),)
    return Lists(
        official=frozenset(film.patient for film in films if film.split == "test"),
        own=frozenset(film.patient for film in own if film.split == "test"),
        readings={row["file"]: row["reading"] for row in _rows(lists / READINGS)},
        boxes=boxes,
    )


def _rows(path: Path) -> tuple[Row, ...]:
    return read_table(path.name, content(path)).rows


@dataclass(frozen=True)
class ReadFilms(Source):
    """The films of an NIH folder that RSNA's readers called Normal or Lung Opacity; the latter is Pneumonia.

    Films of official test patients are test films; those of own test patients are not used otherwise.
    """

    def films(self, root: Path, test_share: float) -> list[Film]:
        """See Source."""
        lists = nih_lists(root)
        used = []
        for film in read_dataset(collection_folder(self.folder, root), report=no_report):
            stem, official = film.path.stem, film.patient in lists.official
            reading = lists.readings.get(stem)
            if reading in (NORMAL, OPACITY) and (official or film.patient not in lists.own):
                label = "normal" if reading == NORMAL else "pneumonia"
                used.append(
                    replace(
                        film,
                        labels=frozenset({label}),
                        split="test" if official else "",
                        source=self.collection,
                        boxes=lists.boxes.get(stem, ()),
                    )
                )
        return self.used(used)
