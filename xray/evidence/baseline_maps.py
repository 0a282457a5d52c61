"""Maps without information about the model or the finding, with which the checks compare an explanation."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from xray.geometry import Affine
from xray.types import Pixels

COARSE = 7  # cells of a random map along a side
SPREAD = 0.25  # standard deviation of the centered Gaussian, as a share of a side


def noise(shape: tuple[int, int], seed: int) -> Pixels:
    """Create a random map (h, w), as smooth as that of a target layer."""
    coarse = np.random.default_rng(seed).normal(size=(COARSE, COARSE)).astype(np.float32)
    return Affine.stretch(coarse.shape, shape).warp(coarse, shape)


def gaussian(shape: tuple[int, ...]) -> Pixels:
    """A map (h, w) that is highest in the middle of the film, whatever it shows."""
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    y, x = (rows + 0.5) / shape[0] - 0.5, (columns + 0.5) / shape[1] - 0.5
    return np.exp(-(x**2 + y**2) / (2 * SPREAD**2)).astype(np.float32)


def edges(film: NDArray[np.float32]) -> Pixels:
    """The map (h, w) of an edge detector (Sobel), which does not depend on a model."""
    across, down = (cv2.Sobel(film, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    return np.hypot(across, down).astype(np.float32)
