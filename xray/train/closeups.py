"""Close-ups of films with boxes: other collections show a single joint where FracAtlas shows a limb.

In a close-up, a fracture takes a larger part of the film, at another sharpness, exposure and aspect. A
detector that has only seen whole films of one collection does not find it there.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from xray.imaging.transforms import gamma, resolution
from xray.types import Pixels

SHARES = (0.08, 0.45)  # range of the longer side of a box as a share of the close-up's side
SIDES = (0.2, 0.5)  # range of the side of a close-up without boxes as a share of the film's longer side
SMALLEST = 48  # side of a close-up in px
VISIBLE = 0.75  # share of a box's area that must be visible for the box to be kept
CANDIDATES = 12

Boxes = NDArray[np.floating]  # (n, 4): left, top, right, bottom in px
Part = tuple[Boxes, Boxes]  # a part of a film (4), and the boxes in it (n, 4) in px of the part


class CloseUp(NamedTuple):
    """A part of a film.

    Attributes:
        pixels: (h, w) in [0, 1].
        boxes: Boxes in px of the part (n, 4).
    """

    pixels: Pixels
    boxes: Boxes


def close_ups(pixels: Pixels, boxes: Boxes, count: int, generator: np.random.Generator) -> list[CloseUp]:
    """Cut close-ups out of a film and vary their appearance.

    Args:
        pixels: Film (H, W) in [0, 1].
        boxes: Boxes in px (n, 4).
        count: Number of close-ups around boxes; one more shows no box. A film without boxes gives one.
        generator: Source of all random numbers.
    """
    parts = [_around(pixels, boxes, generator) for _ in range(count)] if len(boxes) else []
    parts.append(_beside(pixels, boxes, generator))
    return [_varied(pixels, *part, generator) for part in parts if part is not None]


def visible_boxes(boxes: Boxes, part: Boxes) -> Boxes | None:
    """Return the boxes (n, 4) of a film in a part of it (4), in px of the part.

    Returns:
        The boxes; None if a box is cut so that neither its presence nor its absence is clear.
    """
    corner = np.tile(part[:2], 2)
    clipped = boxes.clip(corner, np.tile(part[2:], 2))
    shown = _area(clipped) / _area(boxes)
    if ((shown > 0) & (shown < VISIBLE)).any():
        return None
    return np.asarray(clipped[shown > 0] - corner)


def _area(boxes: Boxes) -> Boxes:
    return np.asarray((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]))


def _around(pixels: Pixels, boxes: Boxes, generator: np.random.Generator) -> Part | None:
    """A part in which a random box has a random size and place; None if it cuts other boxes."""
    left, top, right, bottom = boxes[generator.integers(len(boxes))]
    longer = max(right - left, bottom - top)
    side = max(longer / np.exp(generator.uniform(*np.log(SHARES))), SMALLEST)
    for _ in range(CANDIDATES):
        height, width = side * _factor(generator), side * _factor(generator)
        x = generator.uniform(min(right - width, left), max(right - width, left))
        y = generator.uniform(min(bottom - height, top), max(bottom - height, top))
        part = _inside(pixels, x, y, width, height)
        shown = visible_boxes(boxes, part)
        if shown is not None and len(shown):
            return part, shown
    return None


def _beside(pixels: Pixels, boxes: Boxes, generator: np.random.Generator) -> Part | None:
    """A part without any box, bright compared with other parts, so that it shows the limb."""
    found: list[tuple[float, Part]] = []
    for _ in range(CANDIDATES):
        side = max(generator.uniform(*SIDES) * max(pixels.shape), SMALLEST)
        height, width = side * _factor(generator), side * _factor(generator)
        x = generator.uniform(0, max(pixels.shape[1] - width, 1))
        y = generator.uniform(0, max(pixels.shape[0] - height, 1))
        part = _inside(pixels, x, y, width, height)
        shown = visible_boxes(boxes, part)
        if shown is not None and not len(shown):
            left, top, right, bottom = part.astype(int)
            found.append((float(pixels[top:bottom:4, left:right:4].mean()), (part, shown)))
    return max(found, key=lambda each: each[0])[1] if found else None


def _factor(generator: np.random.Generator) -> float:
    return float(np.exp(generator.uniform(-0.25, 0.25)))


def _inside(pixels: Pixels, x: float, y: float, width: float, height: float) -> Boxes:
    """The part (4) of a film that a rectangle covers, in whole px."""
    rows, columns = pixels.shape
    left, top = max(round(x), 0), max(round(y), 0)
    right, bottom = min(round(x + width), columns), min(round(y + height), rows)
    return np.array([min(left, right - 1), min(top, bottom - 1), right, bottom], np.float64)


def _varied(pixels: Pixels, part: Boxes, shown: Boxes, generator: np.random.Generator) -> CloseUp:
    """Cut a part out and change its aspect, resolution, sharpness and exposure."""
    left, top, right, bottom = part.astype(int)
    across, down = _factor(generator), _factor(generator)
    cut = np.ascontiguousarray(pixels[top:bottom, left:right])
    resized = cv2.resize(cut, None, fx=across, fy=down, interpolation=cv2.INTER_LINEAR)
    film: Pixels = resized.astype(np.float32)
    if generator.random() < 0.3:
        film = resolution(film, generator.uniform(0.4, 1.0)).pixels
    if generator.random() < 0.4:
        film = film + generator.uniform(0.3, 2.0) * (film - cv2.GaussianBlur(film, (0, 0), 1.5))
    low, high = np.quantile(film, (0.01, 0.99)) if generator.random() < 0.5 else (0.0, 1.0)
    film = np.clip((film - low) / max(high - low, 0.05), 0, 1).astype(np.float32)
    film = gamma(film, float(np.exp(generator.uniform(-0.4, 0.4)))).pixels
    return CloseUp(film, shown * (across, down, across, down))
