"""Markers on a film, such as letters, rings and wires: detection, removal, and lead letters to add."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from xray.imaging.phantom import chest
from xray.imaging.phantom.marker import letter as letter_mask
from xray.imaging.phantom.solids import Grid
from xray.types import Pixels, Radiograph

WIDEST = 0.06  # share of the film's longer side; wider structures are anatomy
WHITE = 0.9  # lowest gray value of a marker, as a share of the range
CONTRAST = 0.45  # lowest difference from the surroundings, as a share of the range
PLACES = {  # center of a letter, as shares of the film's width and height
    "no letter": None,
    "upper left": (0.06, 0.06),
    "upper middle": (0.5, 0.06),
    "upper right": (0.94, 0.06),
    "on the lung": (0.3, 0.45),
    "lower left": (0.06, 0.94),
    "lower right": (0.94, 0.94),
}


def markers(pixels: Pixels) -> NDArray[np.bool_]:
    """Detect markers: narrow regions far brighter than their surroundings.

    The regions are those of the white top-hat (Serra 1982) that reach CONTRAST somewhere, with a margin.

    Args:
        pixels: (H, W) in [0, 1].

    Returns:
        Mask (H, W), true on markers.
    """
    side = max(3, round(max(pixels.shape) * WIDEST))
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    brighter = np.where(pixels > WHITE, cv2.morphologyEx(pixels, cv2.MORPH_TOPHAT, around), 0)
    _, patches = cv2.connectedComponents((brighter > CONTRAST / 3).astype(np.uint8))
    spots = np.isin(patches, np.unique(patches[brighter > CONTRAST]))
    margin = np.ones((side // 3 + 1, side // 3 + 1), np.uint8)
    return cv2.dilate(spots.astype(np.uint8), margin) > 0


def without_markers(radiograph: Radiograph) -> Radiograph:
    """The radiograph with its markers inpainted from their surroundings (Telea 2004)."""
    spots = markers(radiograph.pixels)
    gray = np.rint(radiograph.pixels * 255).astype(np.uint8)
    filled = cv2.inpaint(gray, spots.astype(np.uint8), 3, cv2.INPAINT_TELEA).astype(np.float32) / 255
    return replace(radiograph, pixels=np.where(spots, filled, radiograph.pixels))


def lettered(radiograph: Radiograph, place: str, letter: str = "L") -> Radiograph:
    """Add a lead letter, to test whether a network uses it (Zech et al. 2018).

    Args:
        radiograph: Any film.
        place: A key of PLACES; "no letter" returns the film itself.
        letter: "L" or "R", drawn as on the phantoms and as bright as lead (1.0).
    """
    center = PLACES[place]
    if center is None:
        return radiograph
    height, width = radiograph.pixels.shape
    rows, columns = np.nonzero(letter_mask(Grid.over((height, width), chest.HEIGHT_MM), letter))
    down = round(center[1] * height - (rows.min() + rows.max()) / 2)
    across = round(center[0] * width - (columns.min() + columns.max()) / 2)
    pixels = radiograph.pixels.copy()
    pixels[(rows + down).clip(0, height - 1), (columns + across).clip(0, width - 1)] = 1.0
    return replace(radiograph, pixels=pixels)
