"""Whether the reason given for a box can be believed: its map against chance, and the box covered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import torch

from xray.models.architectures import build
from xray.models.classifier import Classifier
from xray.types import Detections, Explanation, Pixels, Radiograph

DRAWN = 200  # boxes drawn at random to compare with
CONTROLS = 4  # areas covered elsewhere


@dataclass(frozen=True)
class BoxEvidence:
    """inside: share of the map's positive values inside its box; chance: the mean of DRAWN boxes of the same
    size, beaten: the share of them with less; eigen, untaught: the share that Eigen-CAM has inside, and the
    map of the network with random weights for the same place; alike: the correlation of that map and the
    box's own, both signed (Adebayo et al. 2018, arXiv:1810.03292). score: of the box; covered: when the box
    is covered; elsewhere: mean score when as much is covered elsewhere.
    """

    inside: float
    chance: float
    beaten: float
    eigen: float
    untaught: float
    alike: float
    score: float
    covered: float
    elsewhere: float


def box_evidence(
    detector: Classifier,
    radiograph: Radiograph,
    box: Detections,
    own_map: Explanation,
    eigen: Explanation,
    untaught: Explanation,
) -> BoxEvidence:
    """The evidence for a single box (n = 1), its map, Eigen-CAM, and the map of an untaught detector.

    The random boxes are always the same.
    """
    generator = np.random.default_rng(0)
    signed, blind = own_map.heatmap(), untaught.heatmap()
    heat = np.maximum(signed, 0)
    own = box.xyxy[0]
    drawn = [placed_at_random(own, heat.shape, generator) for _ in range(DRAWN)]
    shares = np.array([share_inside(heat, corners) for corners in drawn])
    inside = share_inside(heat, own)
    apart = [corners for corners in drawn if not overlap(corners, own)][:CONTROLS]
    return BoxEvidence(
        inside=inside,
        chance=float(shares.mean()),
        beaten=float((shares < inside).mean()),
        eigen=share_inside(np.maximum(eigen.heatmap(), 0), own),
        untaught=share_inside(np.maximum(blind, 0), own),
        alike=correlation(signed, blind),
        score=float(box.confidence[0]),
        covered=score_of(detector, covered(radiograph, own), box),
        elsewhere=float(np.mean([score_of(detector, covered(radiograph, one), box) for one in apart]))
        if apart
        else float("nan"),
    )


@cache
def untaught_detector(detector: Classifier) -> Classifier:
    """The same network as it was before it learned anything, always the same one."""
    entry = detector.entry
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        module = build(entry.architecture, len(entry.findings))
    return Classifier(entry, module, detector.device)


def correlation(one: Pixels, other: Pixels) -> float:
    """Of two maps (H, W), in [-1, 1]; 0 where one is even."""
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1]) if np.ptp(one) and np.ptp(other) else 0.0


def share_inside(heat: Pixels, corners: Pixels) -> float:
    """The share of non-negative values (H, W) inside corners (4) in source pixels; 0 where there are none."""
    rows, columns = spanned(corners, heat.shape)
    total = float(heat.sum())
    return float(heat[rows, columns].sum()) / total if total > 0 else 0.0


def covered(radiograph: Radiograph, corners: Pixels) -> Radiograph:
    """The film with a box filled by the mean of its rim."""
    pixels = radiograph.pixels.copy()
    rows, columns = spanned(corners, pixels.shape)
    inner = pixels[rows, columns]
    rim = np.concatenate([inner[0], inner[-1], inner[:, 0], inner[:, -1]])
    pixels[rows, columns] = rim.mean()
    return replace(radiograph, pixels=pixels)


def score_of(detector: Classifier, radiograph: Radiograph, box: Detections) -> float:
    """The score of a box's own place on another film of the same shape."""
    batch, _ = detector.prepare(radiograph)
    with detector.lock, torch.inference_mode():
        logits = detector.module.boxes(batch)[1]  # type: ignore[operator]
    return float(logits[0, int(box.class_id[0]), int(box.anchor[0])].sigmoid())


def placed_at_random(corners: Pixels, shape: tuple[int, int], generator: np.random.Generator) -> Pixels:
    """A box of the same size anywhere on a film (H, W)."""
    width, height = corners[2:] - corners[:2]
    left = generator.uniform(0, max(0.0, shape[1] - float(width)))
    top = generator.uniform(0, max(0.0, shape[0] - float(height)))
    return np.array([left, top, left + width, top + height], np.float32)


def overlap(one: Pixels, other: Pixels) -> bool:
    return bool((np.maximum(one[:2], other[:2]) < np.minimum(one[2:], other[2:])).all())


def spanned(corners: Pixels, shape: tuple[int, int]) -> tuple[slice, slice]:
    """Rows and columns of a film (H, W) that a box covers, one at least."""
    left, top, right, bottom = (round(float(value)) for value in corners)
    top, left = min(max(0, top), shape[0] - 1), min(max(0, left), shape[1] - 1)
    return slice(top, max(top + 1, min(bottom, shape[0]))), slice(left, max(left + 1, min(right, shape[1])))
