"""Films of NIH ChestX-ray14 with RSNA's readings: one split by patient over all folders, corrected labels.

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
from xray.io.label_lists import plain
from xray.io.tables import Row, read_table
from xray.train.data import no_report, read_dataset
from xray.train.film import Box, Film
from xray.train.prepare.target import require_whole
from xray.train.public_data import collection_folder
from xray.train.sources import READINGS, Source

OWN_SHARE = 0.2  # of the patients of the first folder
ORIGINAL = 1024  # side in px of the published films, in which boxes are measured
FIRST_FOLDER, FOLDERS = "nih-chest", ("nih-chest", "nih-chest-128")  # see public_data
READINGS_LIST, BOXES_LIST = "rsna_readings.csv", "rsna_boxes.csv"
NORMAL, OPACITY, ABNORMAL = "Normal", "Lung Opacity", "No Lung Opacity / Not Normal"
OPACITIES = frozenset(
    ("atelectasis", "consolidation", "edema", "effusion", "infiltration", "mass", "nodule", "pneumonia")
)  # text-mined labels that describe an opacity in a lung


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
    for row in _rows(lists / BOXES_LIST):
        x, y, width, height = (float(row[name]) / ORIGINAL for name in ("x", "y", "width", "height"))
        boxes[row["file"]] += ((x, y, x + width, y + height),)
    return Lists(
        official=frozenset(film.patient for film in films if film.split == "test"),
        own=frozenset(film.patient for film in own if film.split == "test"),
        readings={row["file"]: row["reading"] for row in _rows(lists / READINGS_LIST)},
        boxes=boxes,
    )


def _rows(path: Path) -> tuple[Row, ...]:
    return read_table(path.name, content(path)).rows


@dataclass(frozen=True)
class NihFilms(Source):
    """A folder of NIH films in one split of all of them.

    An official or own test patient is a test patient in every folder. Of their films, those of the official
    test list and those of own test patients in the first folder are test films; the others are not used. Test
    films with a reading are also in the split `readings`, with the reading as label.

    Attributes:
        findings: All findings, if RSNA's readings correct the text-mined labels of training films; empty for
            the published labels.
    """

    findings: tuple[str, ...] = ()

    def films(self, root: Path, test_share: float) -> list[Film]:
        """See Source."""
        lists = nih_lists(root)
        used = []
        for film in read_dataset(collection_folder(self.folder, root), report=no_report):
            reading, boxes = lists.readings.get(film.path.stem), lists.boxes.get(film.path.stem, ())
            film = replace(film, boxes=boxes, marked=OPACITIES, split="", source=self.collection)
            if self.folder == FIRST_FOLDER and film.patient in lists.own:
                used.append(replace(film, split="test", source=f"{self.collection}, own test patients"))
            elif film.patient in lists.official:
                used.append(replace(film, split="test", source=f"{self.collection}, official test patients"))
            elif film.patient not in lists.own:
                used.append(corrected(film, reading, self.findings) if self.findings else film)
        read = [
            labeled_by_reading(film, lists.readings[film.path.stem])
            for film in used
            if film.split == "test" and film.path.stem in lists.readings
        ]
        return self.used(used) + read


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


def labeled_by_reading(film: Film, reading: str) -> Film:
    """Return a film of the split `readings`, whose labels cover Normal and Lung Opacity (as Pneumonia)."""
    labels = {NORMAL: {"no finding"}, OPACITY: {"pneumonia"}}.get(reading, set())
    known = frozenset({"no finding", "pneumonia"})
    return replace(film, labels=frozenset(labels), known=known, split=READINGS)


def corrected(film: Film, reading: str | None, findings: tuple[str, ...]) -> Film:
    """Correct the text-mined labels of a film by its reading.

    Normal: the film has no finding. Lung Opacity: No Finding is absent, and opacities that are not labeled
    are unknown. Neither: No Finding is absent, and all findings that are not labeled are unknown if none is.
    """
    names = frozenset(map(plain, findings))
    if reading == NORMAL:
        return replace(film, labels=frozenset({"no finding"}))
    if reading is None or (reading == ABNORMAL and film.labels != {"no finding"}):
        return film
    labels = film.labels - {"no finding"}
    hidden = OPACITIES if reading == OPACITY else names - {"no finding"}
    return replace(film, labels=labels, known=names - (hidden - labels))
