"""A film, or a whole Case, at fewer pixels: for the screen, and for thumbnails."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from xray.geometry import Affine
from xray.types import Case, Pixels, Radiograph

SHOWN_SIDE = 1024


def shrunk(case: Case, side: int = SHOWN_SIDE) -> Case:
    """The Case with its film and its maps' way to the film brought to at most this many pixels a side."""
    film = reduced(case.radiograph, side)
    smaller = Affine.stretch(case.radiograph.pixels.shape, film.pixels.shape)
    return replace(
        case,
        radiograph=film,
        explanations=tuple(
            replace(one, to_source=one.to_source.then(smaller), source_shape=film.pixels.shape)
            for one in case.explanations
        ),
    )


def reduced(radiograph: Radiograph, side: int = SHOWN_SIDE) -> Radiograph:
    """The film at no more than this many pixels a side."""
    return replace(radiograph, pixels=fitted(radiograph.pixels, side))


def fitted(pixels: Pixels, side: int) -> Pixels:
    """Pixels (H, W) scaled down until the long side is no longer than this."""
    factor = min(1.0, side / max(pixels.shape))
    if factor == 1.0:
        return pixels
    width, height = (max(1, round(length * factor)) for length in pixels.shape[::-1])
    return np.clip(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), 0.0, 1.0)
