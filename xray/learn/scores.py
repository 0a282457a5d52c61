"""Scores of an answer: correctness, hit, IoU and Brier score."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torchvision.ops import box_iou

from xray.types import Explanation, Pixels

Box = tuple[float, float, float, float]  # left, top, right, bottom in source pixels
HALF = 0.5  # a map covers the pixels above this share of its maximum (Wang et al. 2017)


@dataclass(frozen=True, eq=False)
class Reference:
    """The truth about a film.

    Attributes:
        present: Whether the finding is present.
        boxes: Boxes (n, 4) of the finding in source pixels; none if it is absent or not marked.
        known_by: Source of the truth, as a sentence.
        marker: Whether the film has a lead marker.
        labels: Everything that the film is labeled with.
        free: Whether the film is labeled free of everything.
        certainty: How certain the truth is, as a sentence.
    """

    present: bool
    boxes: Pixels
    known_by: str
    marker: bool = False
    labels: tuple[str, ...] = ()
    free: bool = False
    certainty: str = ""

    @property
    def has_place(self) -> bool:
        """Whether the location of a present finding is known."""
        return self.present and len(self.boxes) > 0

    def title(self, finding: str) -> str:
        """The reference in words, with everything that the film shows."""
        if self.present:
            return ", ".join(self.labels or (finding,))
        if self.labels:
            return f"{absent(finding)}; {', '.join(self.labels)}"
        return "Nothing" if self.free else absent(finding)


def absent(finding: str) -> str:
    """The answer that a finding is absent, which says nothing about other findings."""
    return f"No {finding.replace('_', ' ').lower()}"


@dataclass(frozen=True)
class Answer:
    """A reader's answer: presence, confidence in [0.5, 1], and the marked box, if any."""

    present: bool
    sure: float
    mark: Box | None = None

    @property
    def probability(self) -> float:
        """Probability that the finding is present."""
        return self.sure if self.present else 1 - self.sure


@dataclass(frozen=True)
class Score:
    """Scores of an answer.

    Attributes:
        present: The answer.
        probability: The stated probability of the finding.
        correct: Whether the answer matches the reference.
        hit: Whether the answer points into a box; None without boxes.
        iou: Intersection over union with the boxes; None without boxes.
        brier: Brier score in [0, 1]; 0 is best.
        marked: Whether the answer points to a place.
    """

    present: bool
    probability: float
    correct: bool
    hit: bool | None
    iou: float | None
    brier: float
    marked: bool = False

    @property
    def missed(self) -> bool:
        """Whether the answer is wrong, or points to the wrong place."""
        return not self.correct or (self.marked and self.hit is False)


class Measured(Protocol):
    """What Score and the score of a class have in common."""

    @property
    def probability(self) -> float:
        """Stated probability of the finding."""

    @property
    def correct(self) -> bool:
        """Whether the answer matches the reference."""

    @property
    def hit(self) -> bool | None:
        """Whether the answer points into a box; None without boxes."""

    @property
    def iou(self) -> float | None:
        """Intersection over union with the boxes; None without boxes."""

    @property
    def brier(self) -> float:
        """Brier score in [0, 1]; 0 is best."""


def cells(score: Measured) -> list[object]:
    """All of a score but the answer, as cells of a CSV: probability, correct, hit, IoU and Brier score."""
    return [
        f"{score.probability:.6f}",
        int(score.correct),
        "" if score.hit is None else int(score.hit),
        "" if score.iou is None else f"{score.iou:.6f}",
        f"{score.brier:.6f}",
    ]


def brier(probability: float, present: bool) -> float:
    """Squared difference of a probability and the truth (Brier 1950)."""
    return (probability - present) ** 2


def inside(point: tuple[float, float] | None, boxes: Pixels) -> bool:
    """Whether a point (x, y) lies in one of the boxes (n, 4)."""
    if point is None:
        return False
    x, y = point
    return any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in boxes.tolist())


def score_of_reader(answer: Answer, reference: Reference) -> Score:
    """Score a reader: a hit is a mark whose center is in a box; IoU is with the best-matching box."""
    hit, iou = None, None
    if reference.has_place:
        hit, iou = False, 0.0
        if answer.mark is not None:
            left, top, right, bottom = answer.mark
            hit = inside(((left + right) / 2, (top + bottom) / 2), reference.boxes)
            mark = torch.tensor([answer.mark], dtype=torch.float64)
            iou = float(box_iou(mark, torch.from_numpy(reference.boxes).double()).max())
    return _score(answer.present, answer.probability, reference, hit, iou, answer.mark is not None)


def score_of_model(
    present: bool, probability: float, explanation: Explanation, reference: Reference
) -> Score:
    """Score a model by its answer and its map.

    A hit is a maximum of the map in a box, as in the pointing game (Zhang et al. 2016, arXiv:1608.00507). IoU
    is that of the pixels above half the maximum. A map without positive evidence is no hit.
    """
    hit, iou = None, None
    if reference.has_place:
        hit, iou = False, 0.0
        if explanation.has_positive_evidence:
            hit = inside(explanation.peak, reference.boxes)
            heat = explanation.heatmap()
            covered, truth = heat >= HALF * heat.max(), filled(reference.boxes, heat.shape)
            iou = float((covered & truth).sum() / (covered | truth).sum())
    return _score(present, probability, reference, hit, iou, explanation.has_positive_evidence)


def filled(boxes: Pixels, shape: tuple[int, ...]) -> np.ndarray:
    """Mask, bool (H, W), of boxes (n, 4); every box covers at least one pixel."""
    mask = np.zeros(shape, bool)
    for left, top, right, bottom in np.maximum(np.rint(boxes), 0).astype(int).tolist():
        mask[top : max(top + 1, bottom), left : max(left + 1, right)] = True
    return mask


def _score(
    present: bool,
    probability: float,
    reference: Reference,
    hit: bool | None,
    iou: float | None,
    marked: bool,
) -> Score:
    correct = present == reference.present
    return Score(present, probability, correct, hit, iou, brier(probability, reference.present), marked)


@dataclass(frozen=True)
class Totals:
    """Counts of correct answers and hits; iou and brier are means, None without scores."""

    answered: int
    correct: int
    places: int
    hits: int
    iou: float | None
    brier: float | None


def totals(scores: Iterable[Score]) -> Totals:
    """Sum up scores."""
    scores = list(scores)
    places = [score for score in scores if score.hit is not None]
    overlaps = [score.iou for score in places if score.iou is not None]
    return Totals(
        answered=len(scores),
        correct=sum(score.correct for score in scores),
        places=len(places),
        hits=sum(bool(score.hit) for score in places),
        iou=float(np.mean(overlaps)) if overlaps else None,
        brier=float(np.mean([score.brier for score in scores])) if scores else None,
    )
