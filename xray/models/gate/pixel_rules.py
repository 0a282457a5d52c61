"""Rules of the input gate on the pixels of a film: size, proportions, contrast, color, frame, gray levels."""

from __future__ import annotations

import cv2
import numpy as np

from xray.models.gate.kinds import LONGEST, SHORTEST_SIDE
from xray.types import Color, GateKind, Pixels

LOWEST_CONTRAST = 0.05  # between the 0.5th and the 99.5th percentile, of the whole range from black to white
FEWEST_GRAYS = 8  # of 256; films have 70 or more, scanned pages and masks two
MOST_OF_ONE_GRAY = 0.97
PAPER = 0.75  # share of bright pixels from which a picture may be a page
SOFT_TISSUE = 0.01  # share of soft middle grays; films of 128 px and more have 0.03 and more, pages 0.005
FRAME_SIDE = 256  # px of the reduced picture in which frames are searched
FLAT = 0.02  # largest difference from the median of a line of a frame
FLAT_SHARE = 0.6  # share of such pixels in the line; the others may be text and buttons
DARKEST_FRAME = 0.06  # darker margins are part of a film
THINNEST_FRAME = 0.01  # share of the side
FRAME_EDGE = 0.7  # share of the edge between frame and film that is a step


def kind_by_pixels(pixels: Pixels, *, simulated: bool = False, color: Color = "gray") -> GateKind:
    """Check size, proportions, contrast, color, gray levels and frame of a film (H, W)."""
    if min(pixels.shape) < SHORTEST_SIDE:
        return "too small"
    if max(pixels.shape) > LONGEST * min(pixels.shape):
        return "too narrow"
    step = max(1, min(pixels.shape) // 512)
    grays = np.rint(pixels[::step, ::step] * 255).astype(np.uint8)
    counts = np.bincount(grays.ravel(), minlength=256)
    low, high = np.searchsorted(counts.cumsum() / grays.size, (0.005, 0.995)) / 255
    if color != "gray":
        return color
    if high - low < LOWEST_CONTRAST or counts.max() > MOST_OF_ONE_GRAY * grays.size:
        return "low contrast"
    if simulated:
        return "accepted"
    if np.count_nonzero(counts) < FEWEST_GRAYS or _is_ink_on_paper(pixels, float(low), float(high)):
        return "not an X-ray"
    return "framed" if _is_framed(pixels) else "accepted"


def _is_ink_on_paper(pixels: Pixels, low: float, high: float) -> bool:
    """Whether a picture is mostly bright and its middle grays lie on edges, as in print."""
    bright, dark = high - 0.2 * (high - low), low + 0.2 * (high - low)
    if (pixels >= bright).mean() < PAPER:
        return False
    steepness = cv2.morphologyEx(pixels, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    soft = (pixels > dark) & (pixels < bright) & (steepness < 0.2 * (high - low))
    return bool(soft.mean() < SOFT_TISSUE)


def _is_framed(pixels: Pixels) -> bool:
    """Whether flat bars, with or without text, enclose a picture on three sides or more."""
    rows, columns = (np.linspace(0, side - 1, min(side, FRAME_SIDE)).astype(int) for side in pixels.shape)
    reduced = pixels[np.ix_(rows, columns)]
    top, bottom = _flat_lines(reduced)
    left, right = _flat_lines(reduced.T)
    inside = reduced[top : len(rows) - bottom, left : len(columns) - right]
    if min(inside.shape) < FRAME_SIDE // 8:
        return False
    sides = (
        (top, len(rows), reduced[top - 1, left : len(columns) - right], inside[0]),
        (bottom, len(rows), reduced[-bottom, left : len(columns) - right], inside[-1]),
        (left, len(columns), reduced[top : len(rows) - bottom, left - 1], inside[:, 0]),
        (right, len(columns), reduced[top : len(rows) - bottom, -right], inside[:, -1]),
    )
    bars = [
        depth >= max(2, THINNEST_FRAME * length) and (np.abs(outer - inner) > FLAT).mean() >= FRAME_EDGE
        for depth, length, outer, inner in sides
    ]
    return sum(bars) >= 3


def _flat_lines(pixels: Pixels) -> tuple[int, int]:
    """The number of flat rows, brighter than black, from the first and from the last row on."""
    length = pixels.shape[1]
    middle = np.sort(pixels, axis=1)[:, (length - 1) // 2 : length // 2 + 1].mean(1, keepdims=True)  # median
    flat = (np.abs(pixels - middle) <= FLAT).mean(axis=1) >= FLAT_SHARE
    flat &= middle[:, 0] > DARKEST_FRAME
    ends = flat, flat[::-1]
    return tuple(len(end) if end.all() else int(end.argmin()) for end in ends)  # type: ignore[return-value]
