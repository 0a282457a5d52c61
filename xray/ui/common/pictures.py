"""Pictures at the size a page shows them; downloads are drawn at source resolution instead."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xray.imaging.transforms import downsample
from xray.render.overlay import Drawing, window
from xray.types import Radiograph

THUMBNAIL_SIDE = 160


def film_picture(radiograph: Radiograph, drawing: Drawing | None = None) -> NDArray[np.uint8]:
    """The windowed film, uint8 (H, W)."""
    drawing = drawing or Drawing()
    shown = window(radiograph.pixels, drawing.window_center, drawing.window_width)
    return np.rint(shown * 255).astype(np.uint8)


def thumbnail(radiograph: Radiograph) -> NDArray[np.uint8]:
    """A square of THUMBNAIL_SIDE pixels, the film centered on black."""
    pixels = downsample(radiograph.pixels, THUMBNAIL_SIDE).pixels
    square = np.zeros((THUMBNAIL_SIDE, THUMBNAIL_SIDE), np.uint8)
    top, left = ((THUMBNAIL_SIDE - length) // 2 for length in pixels.shape)
    square[top : top + pixels.shape[0], left : left + pixels.shape[1]] = np.rint(pixels * 255)
    return square
