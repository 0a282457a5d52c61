"""Plain borders around a film: uniform bars that are not black, added by a program or a scanner."""

from __future__ import annotations

import numpy as np

from xray.types import Pixels

BLACK = 0.06  # darker margins are part of a film: they were not exposed
SAME = 0.02  # largest difference of a border from its gray
UNIFORM = 0.98  # share of such pixels in a line of the border
EDGE = 0.5  # share of the first line of the film that differs from the border
RINGING = 8  # px between border and film, a block of JPEG
THINNEST = 0.01  # share of the side
SMALLEST_FILM = 32  # px

Margins = tuple[int, int, int, int]  # top, bottom, left, right in px


def plain_border(pixels: Pixels) -> Margins:
    """Measure the plain border of a film.

    A limb on a bright ground has none, because it touches only a part of its bounding box.

    Args:
        pixels: (H, W) in [0, 1].

    Returns:
        The width of the border at each side; zeros if there is none. The border has two opposite sides or
        more, and the film has a straight edge at them; one of four sides may resemble the border.
    """
    sides = pixels, pixels[::-1], pixels.T, pixels.T[::-1]
    grays = {round(float(np.median(side[0])), 2) for side in sides}
    for gray in sorted(grays, reverse=True):
        if gray <= BLACK:
            break
        margins, straight = zip(*(_margin(side, gray) for side in sides), strict=True)
        top, bottom, left, right = margins
        film = min(pixels.shape[0] - top - bottom, pixels.shape[1] - left - right)
        opposite = (top and bottom) or (left and right)
        if film >= SMALLEST_FILM and opposite and sum(straight) >= min(3, np.count_nonzero(margins)):
            return top, bottom, left, right
    return 0, 0, 0, 0


def _margin(lines: Pixels, gray: float) -> tuple[int, bool]:
    """The number of lines before the film, and whether the film begins with a straight edge."""
    same = (_share(line, gray) for line in lines)
    uniform = next((number for number, share in enumerate(same) if share < UNIFORM), len(lines))
    if uniform < max(2, THINNEST * len(lines)):
        return 0, False
    near = range(uniform, min(uniform + RINGING + 1, len(lines)))
    edge = next((number for number in near if _share(lines[number], gray) <= 1 - EDGE), None)
    return (uniform, False) if edge is None else (edge, True)


def _share(line: Pixels, gray: float) -> float:
    return float((np.abs(line - gray) <= SAME).mean())


def without_border(pixels: Pixels, notes: list[str]) -> Pixels:
    """Crop the plain border of a film (H, W), if it has one, and add a note."""
    top, bottom, left, right = plain_border(pixels)
    if not (top or bottom or left or right):
        return pixels
    notes.append(f"Plain border cropped: {left} px left, {top} px top, {right} px right, {bottom} px bottom.")
    return pixels[top : pixels.shape[0] - bottom, left : pixels.shape[1] - right]
