"""What the model says of a film once the reader has committed, and the scores of both as a table."""

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
    """One film that is done. model: None where the input gate refuses the film. without_markers: what the
    model says with letters painted out, None of a film without any.
    """

    reference_present: bool
    reader: Score
    model: Score | None
    without_markers: float | None = None


def play(answer: Answer, reference: Reference, question: Question, case: Case | None) -> Played:
    """Both answers to one film, scored. case: None where the input gate refuses it."""
    reader = score_of_reader(answer, reference)
    if case is None:
        return Played(reference.present, reader, None)
    without = probability_without_markers(case, question.stands_for) if reference.marker else None
    return Played(reference.present, reader, score_of_case(case, question, reference), without)


def score_of_case(case: Case, question: Question, reference: Reference) -> Score:
    """The model's answer at its operating point, and where its map points."""
    said, finding = case.prediction, question.stands_for
    return score_of_model(
        said.at_operating_point(finding),
        float(said.probabilities[said.findings.index(finding)]),
        case.explanation(finding),
        reference,
    )


def probability_without_markers(case: Case, finding: str) -> float:
    """What the model says when letters and the like are painted out (see io.markers)."""
    model = model_of(case.prediction)
    said = model.predict(without_markers(case.radiograph))
    return float(said.probabilities[said.findings.index(finding)])


def scores_csv(deck: Deck, played: Mapping[int, Played]) -> str:
    """One row per film that is done, by its number in the deck: no name of a person, a file or a folder."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*COLUMNS, *(f"{who} {what}" for who in ("reader", "model") for what in EACH)])
    for number, one in sorted(played.items()):
        asked = deck.questions[number].asked
        row = [deck.kind, deck.seed, number + 1, asked, asked if one.reference_present else "Nothing"]
        for score in (one.reader, one.model):
            row += _cells(score, asked)
        rows.writerow(row)
    return text.getvalue()


def _cells(score: Score | None, asked: str) -> list[object]:
    """Empty where there is nothing to score."""
    if score is None:
        return [""] * len(EACH)
    hit = "" if score.hit is None else int(score.hit)
    iou = "" if score.iou is None else f"{score.iou:.6f}"
    says = asked if score.present else "Nothing"
    return [says, f"{score.probability:.6f}", int(score.right), hit, iou, f"{score.brier:.6f}"]
