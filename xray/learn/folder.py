"""A deck from a folder of labeled films: a list (with boxes, with readings), data.yaml, or classes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from xray.access import Visitor, owner_of
from xray.errors import InvalidRequest, RefusedRadiograph, UnreadableImage, UnusableData
from xray.io.box_lists import ListedBox
from xray.io.label_lists import NORMAL, plain
from xray.learn.deck import FILMS, Deck, Question, shuffled
from xray.learn.readings import films_below, has_readings, listed_boxes, readings_of, with_reading
from xray.learn.references import LabeledFilm
from xray.models.ensemble import load_model
from xray.models.gate import check_input
from xray.models.registry import ModelEntry
from xray.train.data import Report, has_list, no_report, read_dataset
from xray.train.film import Film
from xray.train.targets import targets, unreported_labels

CANDIDATES = 24  # films that the model analyzes to find its mistakes


def findings_of(folder: Path, entry: ModelEntry, visitor: Visitor, report: Report = no_report) -> list[str]:
    """Findings of a model that label some, but not all, films of a folder.

    Args:
        folder: Folder of labeled films.
        entry: The model.
        visitor: Who asks.
        report: Gets messages that count the rows and labels that are not used.

    Raises:
        AccessDenied: If the visitor may not open folders of the server.
        UnusableData: If the folder contains no labeled films, or its list is invalid.
    """
    films = films_of(folder, entry, visitor, report)
    if message := unreported_labels(films, entry.findings):
        report(message)
    present = targets(films, entry.findings)
    return [
        finding
        for finding, values in zip(entry.findings, present.T, strict=True)
        if {0, 1} <= set(values.tolist()) and plain(finding) not in NORMAL
    ]


def folder_deck(folder: Path, entry: ModelEntry, finding: str, seed: int, visitor: Visitor) -> Deck:
    """Create a deck in which half of the films show the finding and, if possible, the model errs on half.

    The model analyzes a seeded choice of films, those with boxes first; its answers are not kept.

    Args:
        folder: Folder of labeled films.
        entry: Model that answers.
        finding: A finding of findings_of.
        seed: Seed of the choice and the order.
        visitor: Who opens the folder.

    Raises:
        AccessDenied: If the visitor may not open folders of the server.
        UnusableData: If the labels or all films are unreadable.
        InvalidRequest: If the folder lacks films with or without the finding.
        ModelUnavailable: If the model cannot be loaded.
    """
    finding = entry.spelled(finding)
    if finding not in findings_of(folder, entry, visitor):
        raise InvalidRequest(
            f"{folder.name} does not contain films both with and without {finding}.",
            hint="Choose another finding.",
        )
    films = labeled(folder, entry, finding, visitor)
    held_out = [film for film in films if film.film.split == "test"]
    fresh = len(held_out) >= FILMS and len({film.present for film in held_out}) == 2
    rng = np.random.default_rng([seed, 2])
    candidates = seeded(held_out if fresh else films, rng)
    model = load_model(entry.id)
    results: list[tuple[LabeledFilm, bool]] = []
    for film in candidates:
        try:
            radiograph, _ = film.load()
            if check_input(radiograph, model.entry).accepted:
                called = model.predict(radiograph, intervals=False).at_operating_point(finding)
                results.append((film, called == film.present))
        except (UnreadableImage, RefusedRadiograph):
            continue
    if not results:
        raise UnusableData(
            f"{entry.id} can analyze none of the films chosen from {folder.name}.",
            hint="They are unreadable or refused by the input gate. Choose another model or folder.",
        )
    questions = [Question(finding, model.entry.id, finding, film.load) for film in half_wrong(results)]
    about = f"{len(questions)} films of {folder.name}. If possible, the model is wrong on half of them."
    if not fresh:
        about += " Some of them may be training films of the model."
    return Deck("folder", seed, shuffled(questions, rng), about)


def films_of(folder: Path, entry: ModelEntry, visitor: Visitor, report: Report = no_report) -> list[Film]:
    """The labeled films of a folder, corrected by radiologists' readings if it has a list of them.

    Split `test` has those unknown to the model. Raises as findings_of.
    """
    return [film for film, _, _ in _read_films(folder, entry, visitor, report)]


def labeled(folder: Path, entry: ModelEntry, finding: str, visitor: Visitor) -> list[LabeledFilm]:
    """The films for which a finding is known, with their boxes. Raises as findings_of."""
    read = _read_films(folder, entry, visitor)
    films = [film for film, _, _ in read]
    boxes_by_film = listed_boxes(folder, [film.path for film in films])
    values = targets(films, entry.findings)[:, entry.findings.index(finding)]
    found = []
    for (film, listed, reading), value in zip(read, values, strict=True):
        boxes = [ListedBox("", box, (1, 1)) for box in film.boxes] or boxes_by_film.get(film.path, [])
        shown = tuple(box for box in boxes if value == 1 and box.shows(finding))
        if not np.isnan(value):
            found.append(LabeledFilm(film, finding, bool(value == 1), shown, listed, reading))
    return found


def _read_films(
    folder: Path, entry: ModelEntry, visitor: Visitor, report: Report = no_report
) -> list[tuple[Film, frozenset[str], str]]:
    """Films with their reading applied, the labels of the list, and the reading, which is empty without."""
    owner_of(visitor, "files")
    if has_readings(folder) and not has_list(folder):
        films = films_below(folder)
    else:
        films = read_dataset(folder, entry.test_share, entry.own_split, report)
    readings = readings_of(folder, [film.path for film in films])
    return [
        (with_reading(film, reading, entry.findings) if reading else film, film.labels, reading)
        for film, reading in ((film, readings.get(film.path, "")) for film in films)
    ]


def seeded(films: Sequence[LabeledFilm], rng: np.random.Generator) -> list[LabeledFilm]:
    """Choose CANDIDATES films, half with the finding: those with boxes first, one film per patient."""
    chosen: list[LabeledFilm] = []
    for present in (True, False):
        group = [films[index] for index in rng.permutation(len(films)) if films[index].present == present]
        by_patient: dict[str, LabeledFilm] = {}
        for film in sorted(group, key=lambda film: not film.boxes):
            by_patient.setdefault(film.film.patient, film)
        chosen += list(by_patient.values())[: CANDIDATES // 2]
    return chosen


def half_wrong(results: Sequence[tuple[LabeledFilm, bool]]) -> list[LabeledFilm]:
    """Choose at most FILMS, alternating present and absent, and wrong and right, while they last."""
    groups = {
        (present, right): [
            film for film, was_right in results if film.present == present and was_right == right
        ]
        for present in (True, False)
        for right in (False, True)
    }
    order = [(True, False), (False, False), (True, True), (False, True)]
    chosen: list[LabeledFilm] = []
    while len(chosen) < FILMS and any(groups.values()):
        for key in order:
            if groups[key] and len(chosen) < FILMS:
                chosen.append(groups[key].pop(0))
    return chosen
