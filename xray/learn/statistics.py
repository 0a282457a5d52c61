"""Statistics of a reader and of the model on the same films."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from xray.learn import intervals
from xray.learn.reads import Read
from xray.learn.scores import Score
from xray.train.bootstrap import Estimate
from xray.train.metrics import share

BINS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)  # of a reader's confidence
Scored = Callable[[Read], Score | None]


@dataclass(frozen=True)
class Figure:
    """A value with its 95% interval, and the number of films or values behind it; None if undefined."""

    name: str
    n: int
    estimate: Estimate | None


def of_reader(film: Read) -> Score | None:
    """Score of the reader."""
    return film.reader


def of_model(film: Read) -> Score | None:
    """Score of the model."""
    return film.model


def figures(reads: Sequence[Read], scored: Scored) -> list[Figure]:
    """Accuracy, sensitivity, specificity, AUROC, Brier score, hit rate and IoU.

    Args:
        reads: The films.
        scored: Whose scores, of_reader or of_model; films without one are left out.
    """
    pairs = [(film.present, score) for film in reads if (score := scored(film)) is not None]
    positive = [score.correct for present, score in pairs if present]
    negative = [score.correct for present, score in pairs if not present]
    hits = [score.hit for _, score in pairs if score.hit is not None]
    overlaps = [score.iou for _, score in pairs if score.iou is not None]
    every = [*positive, *negative]
    return [
        Figure("Accuracy", len(every), share(sum(every), len(every))),
        Figure("Sensitivity", len(positive), share(sum(positive), len(positive))),
        Figure("Specificity", len(negative), share(sum(negative), len(negative))),
        Figure(
            "AUROC",
            len(pairs),
            intervals.area([score.probability for _, score in pairs], [present for present, _ in pairs]),
        ),
        Figure("Brier score", len(pairs), intervals.mean([score.brier for _, score in pairs])),
        Figure("Hit rate", len(hits), share(sum(hits), len(hits))),
        Figure("IoU", len(overlaps), intervals.mean(overlaps)),
    ]


@dataclass(frozen=True)
class Bin:
    """Answers of similar confidence: mean confidence, number, and the share that is right."""

    confidence: float
    n: int
    right: Estimate


def calibration(reads: Sequence[Read]) -> list[Bin]:
    """The calibration curve of a reader's confidence in the answer; bins without answers are left out."""
    scores = [film.reader for film in reads]
    sure = np.array([score.probability if score.present else 1 - score.probability for score in scores])
    right = np.array([score.correct for score in scores])
    which = np.clip(np.digitize(np.round(sure, 9), BINS) - 1, 0, len(BINS) - 2)
    found = []
    for number in sorted(set(which.tolist())):
        among = which == number
        estimate = share(int(right[among].sum()), int(among.sum()))
        if estimate:
            found.append(Bin(float(sure[among].mean()), int(among.sum()), estimate))
    return found


@dataclass(frozen=True)
class Froc:
    """A free-response curve (Chakraborty 1989, doi:10.1118/1.596358), from the surest mark to all marks.

    Attributes:
        false_marks: Marks outside the reference per film, at falling confidence; the first is 0.
        sensitivity: Share of the lesions that are marked.
        lesions: Number of lesions.
        films: Number of films.
    """

    false_marks: tuple[float, ...]
    sensitivity: tuple[float, ...]
    lesions: int
    films: int


def froc(reads: Sequence[Read], scored: Scored) -> Froc | None:
    """The free-response curve of the films whose locations are known; None without lesions or films.

    The score of a mark is the stated probability; a mark hits one lesion if its center, or the maximum of the
    map, lies in a box. A film has one mark at most.
    """
    pairs = [
        (film, score) for film in reads if (score := scored(film)) and (film.lesions or not film.present)
    ]
    lesions = sum(film.lesions for film, _ in pairs)
    if not lesions:
        return None
    marks = sorted(((score.probability, bool(score.hit)) for _, score in pairs if score.marked), reverse=True)
    false_marks, sensitivity = [0.0], [0.0]
    found = wrong = 0
    for index, (probability, hit) in enumerate(marks):
        found, wrong = found + hit, wrong + (not hit)
        if index + 1 == len(marks) or marks[index + 1][0] < probability:
            false_marks.append(wrong / len(pairs))
            sensitivity.append(found / lesions)
    return Froc(tuple(false_marks), tuple(sensitivity), lesions, len(pairs))


@dataclass(frozen=True)
class Paired:
    """Numbers of films on which reader and model are right."""

    both: int
    reader_only: int
    model_only: int
    neither: int


def paired(reads: Sequence[Read]) -> Paired:
    """Compare reader and model film by film."""
    pairs = [(film.reader.correct, film.model.correct) for film in reads if film.model]
    counts = (pairs.count(kind) for kind in ((True, True), (True, False), (False, True), (False, False)))
    return Paired(*counts)


def statistics_csv(reads: Sequence[Read]) -> str:
    """The figures of reader and model as CSV, with intervals, without names."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["figure", "who", "n", "value", "low", "high"])
    for who, scored in (("reader", of_reader), ("model", of_model)):
        for figure in figures(reads, scored):
            known = figure.estimate
            cells = [f"{value:.6f}" for value in (known.value, known.low, known.high)] if known else [""] * 3
            rows.writerow([figure.name, who, figure.n, *cells])
    return text.getvalue()
