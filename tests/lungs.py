"""Lungs with a known position: two ellipses on a square film, as the network's probabilities."""

import numpy as np

from xray.imaging.lungs import lungs_from
from xray.types import Lungs

GRID = 96
CENTERS, HALF_WIDTH, HALF_HEIGHT = ((30, 45), (66, 45)), 11, 30  # (x, y) of each, in cells


def ellipse(
    x: float, y: float, half_width: float = HALF_WIDTH, half_height: float = HALF_HEIGHT
) -> np.ndarray:
    rows, columns = np.mgrid[0:GRID, 0:GRID] + 0.5
    return ((columns - x) / half_width) ** 2 + ((rows - y) / half_height) ** 2 <= 1


def probabilities(right: np.ndarray, left: np.ndarray, certain: float = 0.98) -> np.ndarray:
    """float32 (2, GRID, GRID): `certain` inside the masks, 0.01 outside."""
    return np.where(np.stack([right, left]), certain, 0.01).astype(np.float32)


def planted_lungs(shape: tuple[int, int]) -> Lungs:
    return lungs_from(probabilities(*(ellipse(*center) for center in CENTERS)), shape)
