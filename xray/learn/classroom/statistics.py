"""Statistics of a class: distribution of the answers, heatmap of the marks, majority and mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import center_of_mass, label

from xray.learn.scores import (
    HALF,
    Answer,
    Box,
    Reference,
    Score,
    Totals,
    brier,
    filled,
    inside,
    score_of_reader,
    totals,
)
from xray.types import Pixels


@dataclass(frozen=True)
class Crowd:
    """The class as one reader.

    Attributes:
        answered: Number of answers.
        positive: Number of answers that the finding is present.
        probability: Mean of the stated probabilities.
        correct: Whether the majority matches the reference; False for a tie.
        hit: Whether the place that most marks cover lies in a box; None without boxes.
        iou: Intersection over union of the boxes and the region that at least half as many marks cover as the
            most covered place; None without boxes.
        brier: Brier score of the mean.
    """

    answered: int
    positive: int
    probability: float
    correct: bool
    hit: bool | None
    iou: float | None
    brier: float

    @property
    def majority(self) -> bool | None:
        """The answer of more than half of the class; None for a tie."""
        doubled = 2 * self.positive
        return None if doubled == self.answered else doubled > self.answered


@dataclass(frozen=True, eq=False)
class Outcome:
    """Result of one film.

    Attributes:
        number: Index of the film in the deck.
        finding: The finding in question.
        reference: The truth.
        answers: Answers by the number of the student, which is random and the same for all films.
        students: Their scores, by the same number.
        crowd: The class as one reader; None without answers.
        model: Score of the model; None if the input gate refuses the film.
    """

    number: int
    finding: str
    reference: Reference
    answers: Mapping[int, Answer]
    students: Mapping[int, Score]
    crowd: Crowd | None
    model: Score | None

    @property
    def marks(self) -> list[Box]:
        """The marks of all students."""
        return [answer.mark for answer in self.answers.values() if answer.mark is not None]


def outcome(
    number: int,
    finding: str,
    answers: Mapping[int, Answer],
    reference: Reference,
    shape: tuple[int, ...],
    model: Score | None,
) -> Outcome:
    """Score the answers to a film (H, W) of the given shape, each alone and all together."""
    students = {student: score_of_reader(answer, reference) for student, answer in answers.items()}
    crowd = crowd_of(list(answers.values()), reference, shape) if answers else None
    return Outcome(number, finding, reference, dict(answers), students, crowd, model)


def crowd_of(answers: list[Answer], reference: Reference, shape: tuple[int, ...]) -> Crowd:
    """Score a class, which has at least one answer, as one reader."""
    positive = sum(answer.present for answer in answers)
    probability = float(np.mean([answer.probability for answer in answers]))
    correct = 2 * positive != len(answers) and (2 * positive > len(answers)) == reference.present
    hit, iou = None, None
    if reference.has_place:
        counts = marks_heatmap((answer.mark for answer in answers if answer.mark), shape)
        hit, iou = inside(most_marked(counts), reference.boxes), 0.0
        if counts.any():
            region, truth = counts >= HALF * counts.max(), filled(reference.boxes, counts.shape)
            iou = float((region & truth).sum() / (region | truth).sum())
    score = brier(probability, reference.present)
    return Crowd(len(answers), positive, probability, correct, hit, iou, score)


def marks_heatmap(marks: Iterable[Box], shape: tuple[int, ...]) -> Pixels:
    """Number of marks that cover each pixel, float32 (H, W)."""
    counts = np.zeros(shape, np.float32)
    for mark in marks:
        counts += filled(np.array([mark], np.float32), shape)
    return counts


def most_marked(counts: Pixels) -> tuple[float, float] | None:
    """Center (x, y) of the largest area that most marks cover; None without marks.

    Args:
        counts: Number of marks per pixel (H, W).
    """
    if not counts.any():
        return None
    areas, _ = label(counts == counts.max())
    largest = int(np.bincount(areas.ravel())[1:].argmax()) + 1
    row, column = center_of_mass(areas == largest)
    return float(column) + 0.5, float(row) + 0.5


@dataclass(frozen=True)
class ClassTotals:
    """Totals over the films of a class.

    Attributes:
        students: Over all answers of all students.
        majority: Number of films on which the majority is correct.
        crowd_hits: Number of films on which the class as one reader points into a box.
        crowd_iou: Mean IoU of the class as one reader; None without films with boxes.
        crowd_brier: Mean Brier score of the class's mean; None without answers.
        films: Number of films with answers.
        places: Number of films with answers and boxes.
        model: Over the films that the input gate accepts.
    """

    students: Totals
    majority: int
    crowd_hits: int
    crowd_iou: float | None
    crowd_brier: float | None
    films: int
    places: int
    model: Totals


def class_totals(outcomes: Iterable[Outcome]) -> ClassTotals:
    """Sum up the films of a class."""
    outcomes = list(outcomes)
    crowds = [found.crowd for found in outcomes if found.crowd]
    overlaps = [crowd.iou for crowd in crowds if crowd.iou is not None]
    return ClassTotals(
        students=totals(score for found in outcomes for score in found.students.values()),
        majority=sum(crowd.correct for crowd in crowds),
        crowd_hits=sum(bool(crowd.hit) for crowd in crowds),
        crowd_iou=float(np.mean(overlaps)) if overlaps else None,
        crowd_brier=float(np.mean([crowd.brier for crowd in crowds])) if crowds else None,
        films=len(crowds),
        places=len(overlaps),
        model=totals(found.model for found in outcomes if found.model),
    )
