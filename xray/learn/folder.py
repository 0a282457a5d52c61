"""A deck from a folder of labeled films: labels.csv, optionally with boxes.csv, or YOLO's data.yaml."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xray.access import Visitor, owner_of
from xray.errors import InvalidRequest, RefusedRadiograph, UnreadableImage, UnusableData
from xray.imaging.markers import markers
from xray.learn.deck import FILMS, Deck, Question, shuffled
from xray.learn.scores import Reference
from xray.models.ensemble import load_model
from xray.models.gate import check_input
from xray.models.registry import ModelEntry
from xray.train.data import read_dataset
from xray.train.explanations import listed_boxes
from xray.train.film import Box, Film, plain
from xray.types import Radiograph

CANDIDATES = 24  # films that the model analyzes to find its mistakes


@dataclass(frozen=True)
class LabeledFilm:
    """A film, whether it shows a finding, and the boxes of the finding as fractions of the film."""

    film: Film
    finding: str
    present: bool
    places: tuple[Box, ...]

    def load(self) -> tuple[Radiograph, Reference]:
        """Read the film and its reference. Raises UnreadableImage or UnusableData."""
        radiograph = self.film.read()
        height, width = radiograph.pixels.shape
        boxes = np.array(self.places).reshape(-1, 4) * (width, height, width, height)
        marked = "; a reader marked where" if len(boxes) else ""
        stated = f"labeled {self.finding}{marked}" if self.present else f"not labeled {self.finding}"
        return radiograph, Reference(
            self.present,
            boxes.astype(np.float32),
            f"The film is {stated}.",
            marker=bool(markers(radiograph.pixels).any()),
        )


def findings_of(folder: Path, entry: ModelEntry, visitor: Visitor) -> list[str]:
    """Findings of a model that label some, but not all, films of a folder.

    Raises:
        AccessDenied: If the visitor may not open folders of the server.
        UnusableData: If the labels are unreadable.
    """
    films = films_of(folder, entry, visitor)
    return [
        finding
        for finding in entry.findings
        if 0 < sum(shows(film, finding) for film in films) < len(films)
        and plain(finding) not in ("normal", "no finding")
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
    films = films_of(folder, entry, visitor)
    held_out = [film for film in films if film.split == "test"]
    fresh = len(held_out) >= FILMS and len({shows(film, finding) for film in held_out}) == 2
    rng = np.random.default_rng([seed, 2])
    candidates = seeded(labeled(held_out if fresh else films, folder, finding), rng)
    model = load_model(entry.id)
    results: list[tuple[LabeledFilm, bool]] = []
    for film in candidates:
        try:
            radiograph, _ = film.load()
            if check_input(radiograph, model.entry).accepted:
                called = model.predict(radiograph).at_operating_point(finding)
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


def films_of(folder: Path, entry: ModelEntry, visitor: Visitor) -> list[Film]:
    """Every film of a folder; split `test` has those unknown to the model. Errors as for findings_of."""
    owner_of(visitor, "files")
    try:
        return read_dataset(folder, entry.test_share, entry.own_split)
    except (OSError, csv.Error, UnicodeDecodeError, AttributeError, KeyError, TypeError) as error:
        raise UnusableData(
            f"The list of films in {folder.name or folder} cannot be read.",
            hint="labels.csv needs the columns path and labels, and a value of each in every line.",
        ) from error


def shows(film: Film, finding: str) -> bool:
    """Whether a label of a film starts with the finding; `fractured` counts as `fracture`."""
    return any(label.startswith(plain(finding)) for label in film.labels)


def labeled(films: Sequence[Film], folder: Path, finding: str) -> list[LabeledFilm]:
    """Each film with its own boxes or those of boxes.csv, in which labels may be abbreviated."""
    listed = listed_boxes(folder / "boxes.csv") if (folder / "boxes.csv").is_file() else {}
    found = []
    for film in films:
        present = shows(film, finding)
        named = [
            box
            for label, box in listed.get(film.path.stem, [])
            if plain(finding).startswith(plain(label)[:8])
        ]
        found.append(LabeledFilm(film, finding, present, film.boxes or tuple(named) if present else ()))
    return found


def seeded(films: Sequence[LabeledFilm], rng: np.random.Generator) -> list[LabeledFilm]:
    """Choose CANDIDATES films, half with the finding: those with boxes first, one film per patient."""
    chosen: list[LabeledFilm] = []
    for present in (True, False):
        group = [films[index] for index in rng.permutation(len(films)) if films[index].present == present]
        by_patient: dict[str, LabeledFilm] = {}
        for film in sorted(group, key=lambda film: not film.places):
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
