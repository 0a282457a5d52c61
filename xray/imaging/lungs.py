"""Lungs from the probabilities of a segmentation network: six zones and outlines, or what is uncertain."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_fill_holes

from xray.geometry import Affine
from xray.types import Lungs, Mask, Pixels

SMALLEST, LARGEST = 0.02, 0.45  # area of one lung as a share of the film
LEAST_RATIO = 0.25  # of the areas of the smaller and the larger lung
LEAST_OVERLAP = 0.4  # rows that both lungs share, as a share of the height of the shorter one
SECOND_PART = 0.1  # area of another part of a lung, as a share of its largest part, that leaves it unsure
CERTAIN = 0.9  # mean probability within a lung
MARGIN = 0.05  # around the chest, as a share of the film's longer side
TOLERANCE = 0.003  # largest distance of a polygon from the outline, as a share of the longer side
FINER = 4  # times, the grid on which an outline is smoothed


def lungs_from(probabilities: Pixels, source_shape: tuple[int, int]) -> Lungs:
    """Return the lungs on a film.

    Args:
        probabilities: float32 (2, h, w) in [0, 1], on a grid that covers the film: of the lung on the left of
            the image, then of the other.
        source_shape: (H, W) of the film.

    Returns:
        The lungs. They are undetermined if a lung is missing, has several parts, or has an implausible size
        or position, or if the network is unsure.
    """
    sides = probabilities.argmax(0)
    found = [(probabilities[side] >= 0.5) & (sides == side) for side in (0, 1)]
    parts = [_largest_part(mask) for mask in found]
    problem = _problem(parts, found, probabilities)
    if problem:
        return Lungs.undetermined(source_shape, problem)
    height, width = probabilities.shape[1:]
    zones = np.zeros((height, width), np.uint8)
    for side, part in enumerate(parts):
        zones[part] = 3 * side + 1 + _thirds(part)[part]
    to_source = Affine.stretch((height, width), source_shape)
    return Lungs(zones, source_shape, tuple(outline(part, to_source) for part in parts))


def outline(mask: Mask, to_source: Affine) -> Pixels:
    """Return the outline of a mask (h, w) of one part as a polygon (n, 2) in source pixels."""
    fine = cv2.resize(mask.astype(np.float32), None, fx=FINER, fy=FINER, interpolation=cv2.INTER_LINEAR)
    smooth = cv2.GaussianBlur(np.pad(fine, FINER), (0, 0), FINER)
    contours, _ = cv2.findContours((smooth >= 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    contour = max(contours, key=cv2.contourArea)
    polygon = cv2.approxPolyDP(contour, TOLERANCE * FINER * max(mask.shape), closed=True)[:, 0]
    return to_source.apply((polygon + 0.5) / FINER - 1).astype(np.float32)


def chest(lungs: Mask) -> Mask:
    """Return the convex hull of a mask (h, w) of the lungs with a margin: lungs, heart and mediastinum."""
    found, _ = cv2.findContours(lungs.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = cv2.convexHull(np.concatenate(found))
    filled = cv2.fillConvexPoly(np.zeros(lungs.shape, np.uint8), hull, 1)
    side = 2 * round(MARGIN * max(lungs.shape)) + 1
    return cv2.dilate(filled, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))) > 0


def _problem(parts: list[Mask], found: list[Mask], probabilities: Pixels) -> str:
    """Why lungs are undetermined; empty if they are determined."""
    for part, whole, side in zip(parts, found, ("left", "right"), strict=True):
        area = part.mean()
        if area < SMALLEST:
            return f"No lung was found on the {side} of the image."
        if area > LARGEST:
            return f"The lung on the {side} of the image would cover {area:.0%} of the film."
        if (whole & ~part).sum() > SECOND_PART * part.sum():
            return f"The lung on the {side} of the image has several parts."
    areas = sorted(float(part.mean()) for part in parts)
    if areas[0] < LEAST_RATIO * areas[1]:
        return "The two lungs differ too much in size."
    rows, columns = ([np.flatnonzero(part.any(axis)) for part in parts] for axis in (1, 0))
    shared = min(rows[0][-1], rows[1][-1]) - max(rows[0][0], rows[1][0])
    if shared < LEAST_OVERLAP * min(map(len, rows)) or columns[0].mean() >= columns[1].mean():
        return "The two lungs do not lie side by side."
    certainty = min(float(probabilities[side][part].mean()) for side, part in enumerate(parts))
    if certainty < CERTAIN:
        return f"The network is unsure about the border of the lungs (mean probability {certainty:.2f})."
    return ""


def _largest_part(mask: Mask) -> Mask:
    """The largest connected part of a mask, without holes."""
    _, labels, facts, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    if len(facts) < 2:
        return np.zeros_like(mask)
    return np.asarray(binary_fill_holes(labels == 1 + facts[1:, cv2.CC_STAT_AREA].argmax()))


def _thirds(part: Mask) -> NDArray[np.uint8]:
    """The third of the height of a mask, 0 to 2 from the top, that each row lies in, as (h, w)."""
    rows = np.flatnonzero(part.any(1))
    share = (np.arange(len(part)) - rows[0] + 0.5) / (rows[-1] - rows[0] + 1)
    thirds = (3 * share).clip(0, 2.99).astype(np.uint8)
    return np.broadcast_to(thirds[:, None], part.shape)
