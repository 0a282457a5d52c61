"""Pictures at the size a page shows them; downloads are drawn at source resolution instead."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
from numpy.typing import NDArray

from xray.explain.overlay import RGB, Drawing, colors, window
from xray.geometry import Affine
from xray.types import Case, Pixels, Radiograph

SHOWN_SIDE, THUMBNAIL_SIDE = 1024, 160


def shrunk(case: Case, side: int = SHOWN_SIDE) -> Case:
    """The Case with its film and its maps' way to the film brought to at most this many pixels a side."""
    shape = case.radiograph.pixels.shape
    pixels = _fitted(case.radiograph.pixels, side)
    smaller = Affine.stretch(shape, pixels.shape)
    return dataclasses.replace(
        case,
        radiograph=dataclasses.replace(case.radiograph, pixels=pixels),
        explanations=tuple(
            dataclasses.replace(one, to_source=one.to_source.then(smaller), source_shape=pixels.shape)
            for one in case.explanations
        ),
    )


def _fitted(pixels: Pixels, side: int) -> Pixels:
    factor = min(1.0, side / max(pixels.shape))
    if factor == 1.0:
        return pixels
    width, height = (max(1, round(length * factor)) for length in pixels.shape[::-1])
    return np.clip(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), 0.0, 1.0)


def film_picture(radiograph: Radiograph, drawing: Drawing | None = None) -> NDArray[np.uint8]:
    """The windowed film, uint8 (H, W)."""
    drawing = drawing or Drawing()
    shown = window(radiograph.pixels, drawing.window_center, drawing.window_width)
    return np.rint(shown * 255).astype(np.uint8)


def thumbnail(radiograph: Radiograph) -> NDArray[np.uint8]:
    """A square of THUMBNAIL_SIDE pixels, the film centered on black."""
    pixels = _fitted(radiograph.pixels, THUMBNAIL_SIDE)
    square = np.zeros((THUMBNAIL_SIDE, THUMBNAIL_SIDE), np.uint8)
    top, left = ((THUMBNAIL_SIDE - length) // 2 for length in pixels.shape)
    square[top : top + pixels.shape[0], left : left + pixels.shape[1]] = np.rint(pixels * 255)
    return square


def color_bar(colormap: str) -> RGB:
    """The color map from 0 to its end, left to right, uint8 (12, 512, 3)."""
    return colors(np.tile(np.linspace(0, 1, 512, dtype=np.float32), (12, 1)), colormap)
