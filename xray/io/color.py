"""Whether a picture is gray, a gray film with colored parts such as a heatmap, or colored."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from xray.types import Color, Pixels

SIDE = 128  # px of the reduced picture
COLORED = 0.12  # difference of two channels, of the full scale, beyond that of the tint
NEUTRAL = 0.04
STROKE = 5  # px of the reduced picture; letters, arrows and outlines are thinner
SMALLEST_PART = 0.01  # share of the picture
GRAY_REST = 0.25  # share of neutral pixels from which colors lie over a gray film
STRONGEST_TINT = 0.5  # median saturation; that of a sepia print is 0.3


def color_of(samples: NDArray[Any]) -> Color:
    """Determine the color of a picture.

    A uniform tint, as of a photographed or blue-based film, and colored letters, arrows and outlines do not
    count.

    Args:
        samples: (H, W, 1 to 4), of any depth; with 3 or more channels the first are red, green and blue.
    """
    if samples.shape[2] < 3:
        return "gray"
    step = max(1, min(samples.shape[:2]) // (2 * SIDE))
    some: Pixels = samples[::step, ::step, :3].astype(np.float32)
    brightest_sample = max(float(some.max()), 1e-30)
    reduced: Pixels = np.asarray(
        cv2.resize(some / brightest_sample, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.float32
    )
    brightest = reduced.max(axis=2)
    lit = brightest > 0.1
    if not lit.any():
        return "gray"
    saturation = 1 - reduced.min(axis=2)[lit] / brightest[lit]
    if np.median(saturation) > STRONGEST_TINT:
        return "colored"
    chroma = reduced[..., (0, 2)] - reduced[..., 1:2]
    tint = np.median(chroma[lit] / brightest[lit][:, None], axis=0)
    beyond = np.abs(chroma - tint * brightest[..., None]).max(axis=2)
    parts = cv2.morphologyEx(
        (beyond > COLORED).astype(np.uint8), cv2.MORPH_OPEN, np.ones((STROKE, STROKE), np.uint8)
    )
    if parts.mean() < SMALLEST_PART:
        return "gray"
    return "partly colored" if (beyond < NEUTRAL).mean() >= GRAY_REST else "colored"
