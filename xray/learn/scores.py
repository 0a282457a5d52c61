"""What an answer is worth: right or wrong, whether it points at the finding, IoU and Brier score."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torchvision.ops import box_iou

from xray.types import Explanation, Pixels

Box = tuple[float, float, float, float]  # left, top, right, bottom in source pixels
HALF = 0.5  # a map covers what reaches this share of its highest value (Wang et al. 2017)


@dataclass(frozen=True, eq=False)
class Reference:
    """What is known of a film: whether the finding is there, where (n, 4) in source pixels, and how that is
    known. boxes: empty where it is not there or nobody marked it. marker: whether a letter lies on the film.
    """

    present: bool
    boxes: Pixels
    known_by: str
    marker: bool = False

    @property
    def has_place(self) -> bool:
        return self.present and len(self.boxes) > 0


@dataclass(frozen=True)
class Answer:
    """What a reader commits to: there or not, how sure of that in [0.5, 1], and the place marked, if any."""

    present: bool
    sure: float
    mark: Box | None = None

    @property
    def probability(self) -> float:
        """Of the finding being there."""
        return self.sure if self.present else 1 - self.sure


@dataclass(frozen=True)
class Score:
    """An answer held against the reference. hit, iou: None where there is no place to find.

    brier: in [0, 1], 0 is best.
    """

    present: bool
    probability: float
    right: bool
    hit: bool | None
    iou: float | None
    brier: float


def brier(probability: float, present: bool) -> float:
    """The squared distance of a probability from what is (Brier 1950)."""
    return (probability - present) ** 2


def inside(point: tuple[float, float] | None, boxes: Pixels) -> bool:
    """Whether a point (x, y) lies in one of the boxes (n, 4)."""
    if point is None:
        return False
    x, y = point
    return any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in boxes.tolist())


def score_of_reader(answer: Answer, reference: Reference) -> Score:
    """The center of the mark counts as where it points; its IoU is that with the box it covers best."""
    hit, iou = None, None
    if reference.has_place:
        hit, iou = False, 0.0
        if answer.mark is not None:
            left, top, right, bottom = answer.mark
            hit = inside(((left + right) / 2, (top + bottom) / 2), reference.boxes)
            mark = torch.tensor([answer.mark], dtype=torch.float64)
            iou = float(box_iou(mark, torch.from_numpy(reference.boxes).double()).max())
    return _score(answer.present, answer.probability, reference, hit, iou)


def score_of_model(
    present: bool, probability: float, explanation: Explanation, reference: Reference
) -> Score:
    """The pointing game (Zhang et al. 2016, arXiv:1608.00507): the map's highest point counts as where it
    points, whatever is answered; its IoU is that of what reaches half of its highest value. A map without
    positive evidence points nowhere.
    """
    hit, iou = None, None
    if reference.has_place:
        hit, iou = False, 0.0
        if explanation.has_positive_evidence:
            hit = inside(explanation.peak, reference.boxes)
            heat = explanation.heatmap()
            covered, truth = heat >= HALF * heat.max(), filled(reference.boxes, heat.shape)
            iou = float((covered & truth).sum() / (covered | truth).sum())
    return _score(present, probability, reference, hit, iou)


def filled(boxes: Pixels, shape: tuple[int, ...]) -> np.ndarray:
    """Boxes (n, 4) as a mask, bool (H, W); one pixel each at least."""
    mask = np.zeros(shape, bool)
    for left, top, right, bottom in np.maximum(np.rint(boxes), 0).astype(int).tolist():
        mask[top : max(top + 1, bottom), left : max(left + 1, right)] = True
    return mask


def _score(
    present: bool, probability: float, reference: Reference, hit: bool | None, iou: float | None
) -> Score:
    right = present == reference.present
    return Score(present, probability, right, hit, iou, brier(probability, reference.present))


@dataclass(frozen=True)
class Totals:
    """Several scores together. right of answered, hits of places; iou, brier: means, None of none."""

    answered: int
    right: int
    places: int
    hits: int
    iou: float | None
    brier: float | None


def totals(scores: Iterable[Score]) -> Totals:
    kept = list(scores)
    places = [one for one in kept if one.hit is not None]
    overlaps = [one.iou for one in places if one.iou is not None]
    return Totals(
        answered=len(kept),
        right=sum(one.right for one in kept),
        places=len(places),
        hits=sum(bool(one.hit) for one in places),
        iou=float(np.mean(overlaps)) if overlaps else None,
        brier=float(np.mean([one.brier for one in kept])) if kept else None,
    )
