"""Lists beside a folder of films: radiologists' readings as RSNA published them, and boxes of findings.

Shih et al. 2019, doi:10.1148/ryai.2019180041.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from xray.errors import UnusableData
from xray.io.box_lists import ListedBox, boxes_of
from xray.io.decode import content
from xray.io.folders import files_below, is_film_file
from xray.io.label_lists import FILM, NORMAL, plain
from xray.io.matching import match
from xray.io.tables import read_table
from xray.train.film import Film
from xray.train.nih import ABNORMAL, BOXES_LIST, OPACITY, ORIGINAL, READINGS_LIST, corrected
from xray.train.nih import NORMAL as READ_NORMAL

READ_AS = "pneumonia"  # the finding that RSNA's readers looked for
READINGS_LISTS = (READINGS_LIST, "stage_2_detailed_class_info.csv")
RSNA_BOXES = (BOXES_LIST, "stage_2_train_labels.csv")
NIH_BOXES = ("nih_boxes.csv", "BBox_List_2017.csv")
READINGS = {plain(reading): reading for reading in (READ_NORMAL, OPACITY, ABNORMAL)}


def readings_of(folder: Path, films: Sequence[Path]) -> dict[Path, str]:
    """Read the readings of a folder, by film: Normal, Lung Opacity, or No Lung Opacity / Not Normal.

    Blank and unknown readings are left out, and so are films that were read differently on several rows.

    Raises:
        UnusableData: If a list of readings lacks a column file or reading, or is no table.
    """
    found: dict[str, set[str]] = {}
    for path in (folder / name for name in READINGS_LISTS):
        if not path.is_file():
            continue
        table = read_table(path.name, content(path))
        film, reading = table.column(FILM), table.column(("reading", "class"))
        if film is None or reading is None:
            raise UnusableData(
                f"{path.name} is not a list of readings.", hint="It needs the columns file and reading."
            )
        for row in table.rows:
            if known := READINGS.get(plain(row[reading])):
                found.setdefault(row[film], set()).add(known)
    paths = match(found, [path.as_posix() for path in films])
    return {Path(path): next(iter(found[name])) for name, path in paths.items() if len(found[name]) == 1}


def films_below(folder: Path) -> list[Film]:
    """The films of a folder without labels, each of a patient of its own."""
    return [
        Film(folder / name, frozenset(), patient=name, split="")
        for name in files_below(folder)
        if is_film_file(folder / name)
    ]


def has_readings(folder: Path) -> bool:
    """Whether a folder has a list of readings."""
    return any((folder / name).is_file() for name in READINGS_LISTS)


def with_reading(film: Film, reading: str, findings: tuple[str, ...]) -> Film:
    """Combine the labels of a film with a radiologist's reading, which prevails.

    Normal: the film has no finding. Lung Opacity: it has what RSNA calls pneumonia. Not Normal: it has no
    pneumonia. A label No Finding that the reading contradicts says nothing about the other findings.
    """
    if not film.labels and not film.known:  # the reading is all that is known
        given = {READ_NORMAL: {"normal"}, OPACITY: {READ_AS}}.get(reading, set())
        covered = set() if reading == READ_NORMAL else {READ_AS}
        return replace(film, labels=frozenset(given), known=frozenset(covered))
    if reading == READ_NORMAL:
        return corrected(film, reading, findings)
    names = frozenset(map(plain, findings))
    labels = film.labels - NORMAL - {READ_AS} | ({READ_AS} if reading == OPACITY else set())
    if film.labels and film.labels <= NORMAL:
        known = frozenset({READ_AS})
    else:
        known = (corrected(film, reading, findings).known or film.known or names) | {READ_AS}
    return replace(film, labels=labels, known=known)


def listed_boxes(folder: Path, films: Sequence[Path]) -> Mapping[Path, Sequence[ListedBox]]:
    """Read the boxes of a folder, by film: of boxes.csv, or of the lists of NIH and RSNA.

    Boxes of NIH and RSNA are in pixels of the published films, 1024 x 1024. Those of RSNA show pneumonia.

    Raises:
        UnusableData: If a list of boxes cannot be read or matches no film.
    """
    if (folder / "boxes.csv").is_file():
        return boxes_of(folder / "boxes.csv", films)
    found: dict[Path, list[ListedBox]] = {}
    for name in (*RSNA_BOXES, *NIH_BOXES):
        if (folder / name).is_file():
            for film, boxes in boxes_of(folder / name, films).items():
                for box in boxes:
                    sized = replace(box, size=box.size or (ORIGINAL, ORIGINAL))
                    found.setdefault(film, []).append(
                        replace(sized, label=READ_AS) if name in RSNA_BOXES else sized
                    )
    return found
