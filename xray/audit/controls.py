"""Control pictures without anatomy: a prediction for them does not depend on any film."""

from __future__ import annotations

import cv2
import numpy as np

from xray.imaging.transforms import quarter_turn
from xray.types import Radiograph

GRAINS = (2, 4, 8, 16, 32, 64)


def controls(side: int) -> list[Radiograph]:
    """Return 13 pictures (side, side): black, gray, white, noise of six grain sizes, and four ramps."""
    generator = np.random.default_rng(0)
    blank = [np.full((side, side), gray, np.float32) for gray in (0.0, 0.5, 1.0)]
    noise = [
        cv2.resize(generator.random((grain, grain), np.float32), (side, side), interpolation=cv2.INTER_LINEAR)
        for grain in GRAINS
    ]
    ramp = np.tile(np.linspace(0, 1, side, dtype=np.float32), (side, 1))
    ramps = [quarter_turn(ramp, turns).pixels for turns in range(4)]
    return [
        Radiograph(pixels.clip(0, 1), f"control {index}", simulated=True)
        for index, pixels in enumerate([*blank, *noise, *ramps])
    ]
