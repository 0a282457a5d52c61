"""A deck from a folder of labeled films: labels.csv, with places from boxes.csv, or YOLO's data.yaml."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

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

CANDIDATES = 24  # films that the model is asked about to find its mistakes


@dataclass(frozen=True)
class LabeledFilm:
    """A film, whether it shows the finding in question, and where, as shares of the film."""

    film: Film
    finding: str
    present: bool
    places: tuple[Box, ...]

    def load(self) -> tuple[Radiograph, Reference]:
        """Raises UnreadableImage, UnusableData."""
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


def findings_of(folder: Path, entry: ModelEntry) -> list[str]:
    """What a model reports and some, but not all, films of a folder are labeled with. Raises UnusableData."""
    films = films_of(folder, entry)
    return [
        finding
        for finding in entry.findings
        if 0 < sum(shows(film, finding) for film in films) < len(films)
        and plain(finding) not in ("normal", "no finding")
    ]


def folder_deck(folder: Path, entry: ModelEntry, finding: str, seed: int) -> Deck:
    """Films of which half show the finding and, as far as there are such, the model is wrong on half.

    The model is asked about a seeded choice of films, those with boxes first, and its answers are forgotten.
    Raises UnusableData, InvalidRequest, ModelUnavailable.
    """
    finding = entry.spelled(finding)
    if finding not in findings_of(folder, entry):
        raise InvalidRequest(
            f"{folder.name} does not hold films with and without {finding}.", hint="Choose another finding."
        )
    films = films_of(folder, entry)
    held_out = [film for film in films if film.split == "test"]
    fresh = len(held_out) >= FILMS and len({shows(film, finding) for film in held_out}) == 2
    rng = np.random.default_rng([seed, 2])
    candidates = seeded(labeled(held_out if fresh else films, folder, finding), rng)
    model = load_model(entry.id)
    judged: list[tuple[LabeledFilm, bool]] = []
    for one in candidates:
        try:
            radiograph, _ = one.load()
            if check_input(radiograph, model.entry).accepted:
                called = model.predict(radiograph).at_operating_point(finding)
                judged.append((one, called == one.present))
        except (UnreadableImage, RefusedRadiograph):
            continue
    if not judged:
        raise UnusableData(
            f"No film chosen from {folder.name} can be put to {entry.id}.",
            hint="They cannot be read, or the input gate refuses them. Try another model or folder.",
        )
    questions = [Question(finding, model.entry.id, finding, one.load) for one in half_wrong(judged)]
    about = f"{len(questions)} films of {folder.name}. As far as there are such, the model is wrong on half."
    if not fresh:
        about += " The model may have learned from some of them."
    return Deck("folder", seed, shuffled(questions, rng), about)


def films_of(folder: Path, entry: ModelEntry) -> list[Film]:
    """Every film of a folder, those the model was never trained on in split `test`. Raises UnusableData."""
    try:
        return read_dataset(folder, entry.test_share, entry.own_split)
    except (OSError, csv.Error, UnicodeDecodeError, AttributeError, KeyError, TypeError) as error:
        raise UnusableData(
            f"The list of films in {folder.name or folder} cannot be read.",
            hint="labels.csv needs the columns path and labels, and a value of each in every line.",
        ) from error


def shows(film: Film, finding: str) -> bool:
    """Whether a film is labeled with a finding, or as having it: `fractured` is a fracture."""
    return any(label.startswith(plain(finding)) for label in film.labels)


def labeled(films: Sequence[Film], folder: Path, finding: str) -> list[LabeledFilm]:
    """Each film with its places: its own, or those of boxes.csv, where labels may be cut short."""
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
    """A choice of CANDIDATES films, half of which show the finding: marked ones first, a film per patient."""
    chosen: list[LabeledFilm] = []
    for present in (True, False):
        some = [films[index] for index in rng.permutation(len(films)) if films[index].present == present]
        one_each: dict[str, LabeledFilm] = {}
        for one in sorted(some, key=lambda one: not one.places):
            one_each.setdefault(one.film.patient, one)
        chosen += list(one_each.values())[: CANDIDATES // 2]
    return chosen


def half_wrong(judged: Sequence[tuple[LabeledFilm, bool]]) -> list[LabeledFilm]:
    """At most FILMS: alternately present and absent, of each alternately wrong and right, while there are."""
    groups = {
        (present, right): [one for one, was in judged if one.present == present and was == right]
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
