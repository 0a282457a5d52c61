"""Cover a box of a film, and choose a control box of the same size elsewhere on the body."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from xray.evidence import box_evidence
from xray.evidence.road import imputed
from xray.evidence.shortcut import air
from xray.types import Pixels, Radiograph

Box = tuple[int, int, int, int]  # left, top, right, bottom, in source pixels; the last two are outside
Cover = Callable[[Pixels, Box], NDArray[Any]]

BLUR = 0.25  # standard deviation of the blur, as a share of a box's shorter side
MARGIN = 16  # pixels around a box that inpainting uses
ON_BODY = 0.95  # lowest share of body in a control box


def blurred(pixels: Pixels, box: Box) -> NDArray[Any]:
    """Return the blurred content of a box of a film (H, W)."""
    left, top, right, bottom = box
    return cv2.GaussianBlur(pixels, (0, 0), BLUR * min(right - left, bottom - top))[top:bottom, left:right]


def mean(pixels: Pixels, box: Box) -> Pixels:
    """Return a box filled with the mean along its edge."""
    left, top, right, bottom = box
    filled = box_evidence.cover_box(Radiograph(pixels, ""), np.array(box, np.float32)).pixels
    return filled[top:bottom, left:right]


def noise(pixels: Pixels, box: Box) -> Pixels:
    """Return Gaussian noise with the mean and standard deviation of a box, always the same."""
    left, top, right, bottom = box
    inside = pixels[top:bottom, left:right]
    return np.random.default_rng(0).normal(inside.mean(), inside.std(), inside.shape).astype(np.float32)


def inpainted(pixels: Pixels, box: Box) -> Pixels:
    """Return a box inpainted from its surroundings: weighted means of neighbors (see evidence.road)."""
    left, top, right, bottom = box
    x, y = max(0, left - MARGIN), max(0, top - MARGIN)
    part = torch.from_numpy(pixels[y : bottom + MARGIN, x : right + MARGIN].copy())[None, None]
    inside = np.s_[..., top - y : bottom - y, left - x : right - x]
    removed = torch.zeros_like(part, dtype=torch.bool)
    removed[inside] = True
    return imputed(part, removed)[inside][0, 0].numpy()


COVERS: dict[str, Cover] = {"blur": blurred, "local mean": mean, "noise": noise, "inpaint": inpainted}


def cover(pixels: Pixels, boxes: tuple[Box, ...], kind: str) -> Pixels:
    """Cover boxes of a film (H, W) one after the other; all other pixels stay unchanged."""
    changed = pixels.copy() if boxes else pixels
    for box in boxes:
        left, top, right, bottom = box
        changed[top:bottom, left:right] = COVERS[kind](changed.copy(), box).clip(0, 1)
    return changed


def boxes_of(corners: Pixels, shape: tuple[int, int]) -> tuple[Box, ...]:
    """Convert rectangles (n, 4) in source pixels to boxes of whole pixels of a film (H, W)."""
    places = [box_evidence.box_slices(rectangle, shape) for rectangle in corners]
    return tuple((across.start, down.start, across.stop, down.stop) for down, across in places)


def controls(pixels: Pixels, boxes: tuple[Box, ...]) -> tuple[Box, ...]:
    """Choose a control box for each box: same size, elsewhere on the body, without overlap.

    The content of a control box is the most similar to that of its box, so that covering it removes as much.

    Args:
        pixels: (H, W) in [0, 1].
        boxes: Boxes to find controls for.

    Returns:
        One control per box, always the same for the same film and boxes; empty if there is no room for all.
    """
    body, found = ~air(pixels), list[Box]()
    for box in boxes:
        place = alike(pixels, body, box, (*boxes, *found))
        if place is None:
            return ()
        found.append(place)
    return tuple(found)


def alike(pixels: Pixels, body: NDArray[np.bool_], box: Box, taken: tuple[Box, ...]) -> Box | None:
    """Find the box of the same size with the most similar mean and standard deviation; None without room.

    The box keeps a distance of half its size from the taken boxes if possible, and else only does not overlap
    them.
    """
    left, top, right, bottom = box
    wide, high = right - left, bottom - top
    means = windows(pixels, wide, high)
    deviations = np.sqrt((windows(pixels**2, wide, high) - means**2).clip(0))
    unlike = np.hypot(means - means[top, left], deviations - deviations[top, left])
    on_body = windows(body.astype(np.float32), wide, high) >= ON_BODY
    for x, y in ((wide // 2, high // 2), (0, 0)):
        free = on_body.copy()
        for first, above, last, below in taken:
            free[max(0, above - y - high + 1) : below + y, max(0, first - x - wide + 1) : last + x] = False
        if free.any():
            place = np.where(free, unlike, np.inf).argmin()
            row, column = (int(index) for index in np.unravel_index(place, free.shape))
            return column, row, column + wide, row + high
    return None


def windows(values: Pixels, wide: int, high: int) -> NDArray[np.float64]:
    """Means over all boxes of a size, indexed by their top left corner, (H - high + 1, W - wide + 1)."""
    sums = cv2.integral(values, sdepth=cv2.CV_64F)
    total = sums[high:, wide:] - sums[:-high, wide:] - sums[high:, :-wide] + sums[:-high, :-wide]
    return np.asarray(total / (wide * high), np.float64)
