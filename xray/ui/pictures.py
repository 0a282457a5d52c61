"""Pictures at the size a page shows them; downloads are drawn at source resolution instead."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
from numpy.typing import NDArray

from xray.explain.overlay import Drawing, window
from xray.geometry import Affine
from xray.types import Case, Pixels, Radiograph

SHOWN_SIDE, THUMBNAIL_SIDE = 1024, 160


def shrunk(case: Case, side: int = SHOWN_SIDE) -> Case:
    """The Case with its film and its maps' way to the film brought to at most this many pixels a side."""
    film = reduced(case.radiograph, side)
    smaller = Affine.stretch(case.radiograph.pixels.shape, film.pixels.shape)
    return dataclasses.replace(
        case,
        radiograph=film,
        explanations=tuple(
            dataclasses.replace(one, to_source=one.to_source.then(smaller), source_shape=film.pixels.shape)
            for one in case.explanations
        ),
    )


def reduced(radiograph: Radiograph, side: int = SHOWN_SIDE) -> Radiograph:
    """The film at no more than this many pixels a side."""
    return dataclasses.replace(radiograph, pixels=_fitted(radiograph.pixels, side))


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
