"""Lead letters that mark the side of the body."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from xray.imaging.phantom.solids import Grid

HEIGHT_MM, STROKE_MM = 18.0, 3.2
INSET_MM = 18.0  # distance of the letter's center from the edges of the film
TURNS = np.linspace(-np.pi / 2, np.pi / 2, 9)
BOW = [(0.3 + 0.27 * np.cos(turn), 0.27 + 0.27 * np.sin(turn)) for turn in TURNS]
STROKES = {  # polylines in units of the letter's height, y down
    "L": [[(0.0, 0.0), (0.0, 1.0), (0.6, 1.0)]],
    "R": [[(0.0, 1.0), (0.0, 0.0), *BOW, (0.0, 0.54)], [(0.3, 0.54), (0.6, 1.0)]],
}


def letter(grid: Grid, text: str) -> NDArray[np.bool_]:
    """Return the mask (H, W) of an "L" in the upper right corner of the film or an "R" in the upper left.

    Raises ValueError for any other text.
    """
    if text not in STROKES:
        raise ValueError(f'expected a marker "L" or "R", got {text!r}')
    center = grid.x.max() - INSET_MM if text == "L" else grid.x.min() + INSET_MM
    x = (grid.x - center) / HEIGHT_MM + 0.3
    y = (grid.y - grid.y.min() - INSET_MM) / HEIGHT_MM + 0.5
    mask = np.zeros(grid.shape, bool)
    for line in STROKES[text]:
        for (x0, y0), (x1, y1) in pairwise(line):
            along = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / ((x1 - x0) ** 2 + (y1 - y0) ** 2)
            t = np.clip(along, 0.0, 1.0)
            mask |= np.hypot(x - x0 - t * (x1 - x0), y - y0 - t * (y1 - y0)) < STROKE_MM / 2 / HEIGHT_MM
    return mask
