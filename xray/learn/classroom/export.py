"""Answers of a class as CSV, without names."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from xray.io.csv_cells import safe_cells
from xray.learn.classroom.statistics import Crowd, Outcome
from xray.learn.deck import Deck
from xray.learn.scores import Score, absent, cells

COLUMNS = ("deck", "seed", "film", "finding", "reference", "reader")
SCORES = ("answer", "probability", "correct", "hit", "iou", "brier")


def class_csv(deck: Deck, outcomes: Iterable[Outcome]) -> str:
    """One row per film and reader: each student, the class as one reader, and the model.

    Students have random numbers, the same for all films. The answer of a tied class is `tie`.
    """
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*COLUMNS, *SCORES])
    for found in outcomes:
        truth = found.reference.title(found.finding)
        film = [deck.kind, deck.seed, found.number + 1, found.finding, truth]
        scores: list[tuple[str, Score | Crowd | None]] = [
            *((f"student {student}", score) for student, score in sorted(found.students.items())),
            ("class", found.crowd),
            ("model", found.model),
        ]
        for reader, score in scores:
            if score is not None:
                rows.writerow(safe_cells([*film, reader, *_cells(score, found.finding)]))
    return text.getvalue()


def _cells(score: Score | Crowd, finding: str) -> list[object]:
    present = score.majority if isinstance(score, Crowd) else score.present
    answer = "tie" if present is None else finding if present else absent(finding)
    return [answer, *cells(score)]
