"""The model's answer after the reader's, and the scores of both as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from xray.imaging.markers import without_markers
from xray.learn.deck import Deck, Question
from xray.learn.scores import Answer, Reference, Score, score_of_model, score_of_reader
from xray.models.ensemble import model_of
from xray.types import Case

COLUMNS = ("deck", "seed", "film", "asked", "shown")
EACH = ("says", "probability", "right", "hit", "iou", "brier")


@dataclass(frozen=True)
class Played:
    """The scores of one answered film.

    Attributes:
        reference_present: Whether the finding is present.
        reader: Score of the reader.
        model: Score of the model; None if the input gate refuses the film.
        without_markers: Probability after markers are painted out; None without markers.
    """

    reference_present: bool
    reader: Score
    model: Score | None
    without_markers: float | None = None


def play(answer: Answer, reference: Reference, question: Question, case: Case | None) -> Played:
    """Score both answers to a film.

    Args:
        answer: The reader's answer.
        reference: The truth.
        question: The question.
        case: The model's Case; None if the input gate refuses the film.
    """
    reader = score_of_reader(answer, reference)
    if case is None:
        return Played(reference.present, reader, None)
    without = probability_without_markers(case, question.stands_for) if reference.marker else None
    return Played(reference.present, reader, score_of_case(case, question, reference), without)


def score_of_case(case: Case, question: Question, reference: Reference) -> Score:
    """Score the model's answer at its operating point and its explanation."""
    prediction, finding = case.prediction, question.stands_for
    return score_of_model(
        prediction.at_operating_point(finding),
        float(prediction.probabilities[prediction.findings.index(finding)]),
        case.explanation(finding),
        reference,
    )


def probability_without_markers(case: Case, finding: str) -> float:
    """The probability after letters and other markers are painted out (see imaging.markers)."""
    model = model_of(case.prediction)
    prediction = model.predict(without_markers(case.radiograph))
    return float(prediction.probabilities[prediction.findings.index(finding)])


def scores_csv(deck: Deck, played: Mapping[int, Played]) -> str:
    """One row per answered film, identified by its number in the deck; no names of files or people."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*COLUMNS, *(f"{who} {what}" for who in ("reader", "model") for what in EACH)])
    for number, film in sorted(played.items()):
        asked = deck.questions[number].asked
        row = [deck.kind, deck.seed, number + 1, asked, asked if film.reference_present else "Nothing"]
        for score in (film.reader, film.model):
            row += _cells(score, asked)
        rows.writerow(row)
    return text.getvalue()


def _cells(score: Score | None, asked: str) -> list[object]:
    """Cells of a score, empty without one."""
    if score is None:
        return [""] * len(EACH)
    hit = "" if score.hit is None else int(score.hit)
    iou = "" if score.iou is None else f"{score.iou:.6f}"
    says = asked if score.present else "Nothing"
    return [says, f"{score.probability:.6f}", int(score.right), hit, iou, f"{score.brier:.6f}"]
