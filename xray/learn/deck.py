"""A deck: films in a seeded order, each with a question; after the answer, the scores of reader and model.

A deck contains no prediction: the model runs only after the reader has answered.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from xray.imaging.markers import without_markers
from xray.io.csv_cells import safe_cells
from xray.learn.scores import Answer, Reference, Score, absent, cells, score_of_model, score_of_reader
from xray.models.ensemble import model_of
from xray.types import Case, Radiograph

FILMS = 8  # in a deck
MAX_SEED = 9999
COLUMNS = ("deck", "seed", "film", "finding", "reference", "shown", "map verdict")
WHO = ("reader", "model", "first")
EACH = ("answer", "probability", "correct", "hit", "iou", "brier")


@dataclass(frozen=True, eq=False)
class Question:
    """One film of a deck.

    Attributes:
        finding: The finding in question, as readers call it.
        model_id: The model that answers after the reader.
        model_finding: The finding of that model which corresponds to `finding`.
        load: Returns the film and its reference.
    """

    finding: str
    model_id: str
    model_finding: str
    load: Callable[[], tuple[Radiograph, Reference]]

    def film(self, number: int) -> tuple[Radiograph, Reference]:
        """Load the film, under a neutral name and without notes, and its reference.

        Raises:
            XrayError: If the film cannot be read.
        """
        radiograph, reference = self.load()
        return replace(radiograph, name=f"film-{number}.png", notes=()), reference


@dataclass(frozen=True, eq=False)
class Deck:
    """Questions in order.

    Attributes:
        kind: simulated, shortcut or folder, with "repeated" if it consists of missed films.
        seed: Determines choice and order of the films.
        about: Describes the films and how they were chosen.
    """

    kind: str
    seed: int
    questions: tuple[Question, ...]
    about: str


def repeated(deck: Deck, played: Mapping[int, Played]) -> Deck:
    """The films of a deck that the reader missed (see Score.missed), in the same order."""
    questions = tuple(
        question
        for number, question in enumerate(deck.questions)
        if number in played and played[number].reader.missed
    )
    return Deck(
        f"{deck.kind} repeated",
        deck.seed,
        questions,
        "The films that you missed, again. You have seen their references, so these answers do not count in "
        "the statistics.",
    )


def shuffled(questions: Sequence[Question], rng: np.random.Generator) -> tuple[Question, ...]:
    """Questions in random order."""
    return tuple(questions[index] for index in rng.permutation(len(questions)))


@dataclass(frozen=True)
class Played:
    """The scores of one film.

    Attributes:
        reference: The truth.
        reader: Score of the reader.
        model: Score of the model; None if the input gate refuses the film.
        without_markers: Predicted probability after markers are painted out; None for a film without markers.
        first: Score of the answer before the reader saw the model; None if the model was not shown.
        shown: What was shown of the model before the second answer, or empty.
        support: The verdict on the map if the model was shown, or empty.
    """

    reference: Reference
    reader: Score
    model: Score | None
    without_markers: float | None = None
    first: Score | None = None
    shown: str = ""
    support: str = ""


@dataclass(frozen=True)
class Seen:
    """The answer before the reader saw the model, what was shown, and the verdict on the map."""

    first: Answer | None = None
    shown: str = ""
    support: str = ""


def play(
    answer: Answer, reference: Reference, question: Question, case: Case | None, seen: Seen = Seen()
) -> Played:
    """Score the answers of reader and model to one film.

    Args:
        answer: The reader's last answer.
        reference: The truth.
        question: The question about the film.
        case: The analyzed film; None if the input gate refuses it.
        seen: What the reader saw of the model before that answer.
    """
    return Played(
        reference,
        reader=score_of_reader(answer, reference),
        model=score_of_case(case, question, reference) if case else None,
        without_markers=probability_without_markers(case, question.model_finding)
        if case and reference.marker
        else None,
        first=score_of_reader(seen.first, reference) if seen.first else None,
        shown=seen.shown,
        support=seen.support,
    )


def score_of_case(case: Case, question: Question, reference: Reference) -> Score:
    """Score the prediction at the operating point and the position of the map."""
    prediction, finding = case.prediction, question.model_finding
    return score_of_model(
        prediction.at_operating_point(finding),
        prediction.probability(finding),
        case.explanation(finding),
        reference,
    )


def probability_without_markers(case: Case, finding: str) -> float:
    """Predicted probability of a film whose markers are painted out (see imaging.markers)."""
    model = model_of(case.prediction)
    prediction = model.predict(without_markers(case.radiograph), intervals=False)
    return prediction.probability(finding)


def scores_csv(deck: Deck, played: Mapping[int, Played]) -> str:
    """The scores as CSV, one row per answered film, without names of persons, files or folders.

    The columns of `first` are empty unless the reader saw the model before the last answer.
    """
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*COLUMNS, *(f"{who} {what}" for who in WHO for what in EACH)])
    for number, film in sorted(played.items()):
        finding = deck.questions[number].finding
        row = [deck.kind, deck.seed, number + 1, finding, film.reference.title(finding)]
        row += [film.shown, film.support]
        for score in (film.reader, film.model, film.first):
            row += _cells(score, finding)
        rows.writerow(safe_cells(row))
    return text.getvalue()


def _cells(score: Score | None, finding: str) -> list[object]:
    """Empty cells without a score."""
    if score is None:
        return [""] * len(EACH)
    return [finding if score.present else absent(finding), *cells(score)]
