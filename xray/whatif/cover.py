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

BLUR = 0.25  # of a box's shorter side: the deviation of the blur inside it
MARGIN = 16  # pixels around a box that inpainting starts from
ON_BODY = 0.95  # share of a control that is body


def blurred(pixels: Pixels, box: Box) -> NDArray[Any]:
    """What the box of a film (H, W) shows, blurred."""
    left, top, right, bottom = box
    return cv2.GaussianBlur(pixels, (0, 0), BLUR * min(right - left, bottom - top))[top:bottom, left:right]


def mean(pixels: Pixels, box: Box) -> Pixels:
    """The mean along the edge of the box."""
    left, top, right, bottom = box
    filled = box_evidence.cover_box(Radiograph(pixels, ""), np.array(box, np.float32)).pixels
    return filled[top:bottom, left:right]


def noise(pixels: Pixels, box: Box) -> Pixels:
    """Gaussian noise with the mean and deviation of the box, always the same."""
    left, top, right, bottom = box
    inside = pixels[top:bottom, left:right]
    return np.random.default_rng(0).normal(inside.mean(), inside.std(), inside.shape).astype(np.float32)


def inpainted(pixels: Pixels, box: Box) -> Pixels:
    """Every pixel the weighted mean of its neighbors, from around the box inward (see evidence.road)."""
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
    """Rectangles (n, 4) in source pixels as boxes of whole pixels of a film (H, W)."""
    places = [box_evidence.box_slices(rectangle, shape) for rectangle in corners]
    return tuple((across.start, down.start, across.stop, down.stop) for down, across in places)


def controls(pixels: Pixels, boxes: tuple[Box, ...]) -> tuple[Box, ...]:
    """For each box one of the same size elsewhere on the body of a film (H, W), apart from all others; none
    at all where there is no room. The film looks there most as it does in the box, so that covering it takes
    away as much; the same film and boxes always have the same controls.
    """
    body, found = ~air(pixels), list[Box]()
    for box in boxes:
        place = alike(pixels, body, box, (*boxes, *found))
        if place is None:
            return ()
        found.append(place)
    return tuple(found)


def alike(pixels: Pixels, body: NDArray[np.bool_], box: Box, taken: tuple[Box, ...]) -> Box | None:
    """The box of the same size whose mean and deviation are most those of a box; half its size away from what
    is taken where there is such a place, beside it where there is none.
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
            row, column = (int(one) for one in np.unravel_index(place, free.shape))
            return column, row, column + wide, row + high
    return None


def windows(values: Pixels, wide: int, high: int) -> NDArray[np.float64]:
    """The mean over every box of a size, by its top left corner: (H - high + 1, W - wide + 1)."""
    sums = cv2.integral(values, sdepth=cv2.CV_64F)
    total = sums[high:, wide:] - sums[:-high, wide:] - sums[high:, :-wide] + sums[:-high, :-wide]
    return np.asarray(total / (wide * high), np.float64)
