"""Checks of the map of a detected box: comparison with random boxes and weights, and covering the box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Condition

import cv2
import numpy as np
import torch
from cachetools import LRUCache, cached
from numpy.typing import NDArray

from xray.models.architectures import build
from xray.models.classifier import Classifier
from xray.models.seeded import Seeded
from xray.types import Detections, Explanation, Pixels, Radiograph

RANDOM_BOXES = 200  # of the same size, to compare with
CONTROLS = 4  # boxes covered elsewhere
ROUNDING = 1e-12  # shares below it are zero but for the rounding of sums


@dataclass(frozen=True)
class BoxEvidence:
    """Measurements on the map of a detected box.

    Attributes:
        inside: Share of the map's positive values inside the box.
        random_mean: Mean of this share over RANDOM_BOXES random boxes of the same size.
        random_below: Share of the random boxes with less inside.
        eigencam: Share of the positive values of Eigen-CAM inside the box.
        randomized: Share of the positive values inside the box on the map of the network with random weights.
        correlation: Correlation of the map with that of the network with random weights, both signed (Adebayo
            et al. 2018, arXiv:1810.03292).
        score: Confidence of the box.
        score_covered: Confidence when the box is covered.
        score_control: Mean confidence when a box of the same size is covered elsewhere; NaN without room.
    """

    inside: float
    random_mean: float
    random_below: float
    eigencam: float
    randomized: float
    correlation: float
    score: float
    score_covered: float
    score_control: float


def box_evidence(
    detector: Classifier,
    radiograph: Radiograph,
    box: Detections,
    box_map: Explanation,
    eigencam: Explanation,
    randomized: Explanation,
) -> BoxEvidence:
    """Measure the evidence for one box. The random boxes are always the same.

    Args:
        detector: The model that found the box.
        radiograph: The film.
        box: The box (n = 1).
        box_map: The map of the box.
        eigencam: The map of Eigen-CAM.
        randomized: The map of the box by the randomized detector.
    """
    generator = np.random.default_rng(0)
    signed, signed_randomized = box_map.heatmap(), randomized.heatmap()
    heat, corners = np.maximum(signed, 0), box.xyxy[0]
    random_boxes = [random_box(corners, heat.shape, generator) for _ in range(RANDOM_BOXES)]
    inside, *random_shares = shares_inside(heat, [corners, *random_boxes]).tolist()
    controls = [random for random in random_boxes if not overlap(random, corners)][:CONTROLS]
    control_scores = [score_at_anchor(detector, cover_box(radiograph, control), box) for control in controls]
    return BoxEvidence(
        inside=inside,
        random_mean=float(np.mean(random_shares)),
        random_below=float(np.mean(np.array(random_shares) < inside)),
        eigencam=share_inside(np.maximum(eigencam.heatmap(), 0), corners),
        randomized=share_inside(np.maximum(signed_randomized, 0), corners),
        correlation=correlation(signed, signed_randomized),
        score=float(box.confidence[0]),
        score_covered=score_at_anchor(detector, cover_box(radiograph, corners), box),
        score_control=float(np.mean(control_scores)) if control_scores else float("nan"),
    )


@cached(LRUCache(maxsize=1), condition=Condition())
def randomized_detector(detector: Classifier) -> Classifier:
    """Build the same network with random initial weights, always the same ones."""
    entry = detector.entry
    with Seeded(torch.Generator().manual_seed(0)):
        module = build(entry.architecture, len(entry.findings))
    return Classifier(entry, module, detector.device)


def correlation(first: Pixels, second: Pixels) -> float:
    """Compute Pearson's correlation of two maps (H, W), in [-1, 1]; 0 if one is constant."""
    if not (np.ptp(first) and np.ptp(second)):
        return 0.0
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


def share_inside(heat: Pixels, corners: Pixels) -> float:
    """Share of non-negative values (H, W) inside a box (4) in source pixels; 0 if all are zero."""
    return float(shares_inside(heat, [corners])[0])


def shares_inside(heat: Pixels, boxes: Sequence[Pixels]) -> NDArray[np.float64]:
    """Shares (n) of non-negative values (H, W) inside n boxes (4); see share_inside().

    The values are summed once, in an integral image (Crow 1984, doi:10.1145/800031.808600).
    """
    sums = cv2.integral(heat, sdepth=cv2.CV_64F)  # (H + 1, W + 1)
    total = sums[-1, -1]
    if not total > 0:
        return np.zeros(len(boxes))
    slices = [box_slices(corners, heat.shape) for corners in boxes]
    top, bottom, left, right = np.array(
        [(rows.start, rows.stop, columns.start, columns.stop) for rows, columns in slices]
    ).T
    shares = (sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]) / total
    return np.where(shares > ROUNDING, shares, 0.0)


def cover_box(radiograph: Radiograph, corners: Pixels) -> Radiograph:
    """Fill a box (4), in source pixels, with the mean of its border."""
    pixels = radiograph.pixels.copy()
    rows, columns = box_slices(corners, pixels.shape)
    inner = pixels[rows, columns]
    border = np.concatenate([inner[0], inner[-1], inner[:, 0], inner[:, -1]])
    pixels[rows, columns] = border.mean()
    return replace(radiograph, pixels=pixels)


def score_at_anchor(detector: Classifier, radiograph: Radiograph, box: Detections) -> float:
    """Confidence at the anchor of a box (n = 1) on another film of the same shape."""
    batch, _ = detector.prepare(radiograph)
    with detector.lock, torch.inference_mode():
        logits = detector.module.boxes(batch)[1]  # type: ignore[operator]
    return float(logits[0, int(box.class_id[0]), int(box.anchor[0])].sigmoid())


def random_box(corners: Pixels, shape: tuple[int, int], generator: np.random.Generator) -> Pixels:
    """Draw a box of the same size at a random position on a film (H, W)."""
    width, height = corners[2:] - corners[:2]
    left = generator.uniform(0, max(0.0, shape[1] - float(width)))
    top = generator.uniform(0, max(0.0, shape[0] - float(height)))
    return np.array([left, top, left + width, top + height], np.float32)


def overlap(first: Pixels, second: Pixels) -> bool:
    """Whether two boxes (4) overlap."""
    return bool((np.maximum(first[:2], second[:2]) < np.minimum(first[2:], second[2:])).all())


def box_slices(corners: Pixels, shape: tuple[int, int]) -> tuple[slice, slice]:
    """Rows and columns of a film (H, W) that a box covers, at least one of each."""
    left, top, right, bottom = (round(float(value)) for value in corners)
    top, left = min(max(0, top), shape[0] - 1), min(max(0, left), shape[1] - 1)
    return slice(top, max(top + 1, min(bottom, shape[0]))), slice(left, max(left + 1, min(right, shape[1])))
