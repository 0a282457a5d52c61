"""Detect boxes: all candidates are computed once and can then be filtered by any threshold."""

from __future__ import annotations

import math

import torch
from scipy.special import expit, logit
from torchvision.ops import batched_nms

from xray.errors import InvalidRequest
from xray.models.classifier import Classifier
from xray.models.registry import ModelEntry
from xray.types import Detections, Radiograph

LOWEST_SCORE = 0.01
OVERLAP = 0.5  # intersection over union above which the box with the lower score is removed
DETECTORS = ("yolov8n",)


def is_detector(entry: ModelEntry) -> bool:
    """Whether a model returns boxes."""
    return entry.architecture in DETECTORS


def detect(detector: Classifier, radiograph: Radiograph) -> Detections:
    """All boxes with a score of at least LOWEST_SCORE, best first, without suppression of overlaps.

    Raises:
        InvalidRequest: If the model is not a detector.
    """
    if not is_detector(detector.entry):
        raise InvalidRequest(
            f"{detector.entry.id} is not a detector.", hint="Choose a model that detects boxes."
        )
    batch, to_input = detector.prepare(radiograph)
    with detector.lock, torch.inference_mode():
        corners, logits = detector.module.boxes(batch)  # type: ignore[operator]
    scores, labels = logits[0].float().sigmoid().max(0)  # (K, A) -> (A)
    anchors = torch.nonzero(scores >= LOWEST_SCORE)[:, 0]
    anchors = anchors[scores[anchors].argsort(descending=True, stable=True)]
    found = corners[0].T[anchors].double().cpu().numpy()  # (n, 4)
    height, width = radiograph.pixels.shape
    in_source = to_input.inverse().apply(found.reshape(-1, 2)).clip(0, (width, height)).reshape(-1, 4)
    return Detections(
        model_id=detector.entry.id,
        findings=detector.entry.findings,
        xyxy=in_source.astype("float32"),
        confidence=scores[anchors].cpu().numpy(),
        class_id=labels[anchors].cpu().numpy(),
        anchor=anchors.cpu().numpy(),
        threshold=confidence_at_operating_point(detector.entry),
    )


def probability_of(entry: ModelEntry, score: float) -> float:
    """The calibrated probability of a film, from the score of its best box."""
    scale, shift = (values[0] for values in entry.scaling)
    return float(expit(scale * logit(score) + shift))


def confidence_at_operating_point(entry: ModelEntry) -> float:
    """The score whose calibrated probability is the operating point, rounded down to thousandths."""
    scale, shift = (values[0] for values in entry.scaling)
    return math.floor(1000 * float(expit((logit(entry.thresholds[0]) - shift) / scale))) / 1000


def chosen(candidates: Detections, threshold: float, overlap: float = OVERLAP) -> Detections:
    """The candidates at or above a confidence threshold, after non-maximum suppression per finding."""
    sure = candidates.among(candidates.confidence >= threshold)
    kept = batched_nms(*map(torch.from_numpy, (sure.xyxy, sure.confidence, sure.class_id)), overlap)
    return sure.among(kept.numpy())
