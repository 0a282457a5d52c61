"""What was laid or written on a film and is no body: letters, rings, wires; found, and painted out."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from xray.types import Pixels, Radiograph

WIDEST = 0.06  # of a film's long side: what is wider is body
WHITE = 0.9  # where a marker begins, in the film's own range
CONTRAST = 0.45  # how much brighter than all around it, of the range between black and white


def markers(pixels: Pixels) -> NDArray[np.bool_]:
    """Where a film (H, W) is far brighter than anything around, in patches too narrow for a body, with a
    margin: patches of the white top-hat (Serra 1982) that somewhere reach CONTRAST.
    """
    side = max(3, round(max(pixels.shape) * WIDEST))
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    brighter = np.where(pixels > WHITE, cv2.morphologyEx(pixels, cv2.MORPH_TOPHAT, around), 0)
    _, patches = cv2.connectedComponents((brighter > CONTRAST / 3).astype(np.uint8))
    spots = np.isin(patches, np.unique(patches[brighter > CONTRAST]))
    margin = np.ones((side // 3 + 1, side // 3 + 1), np.uint8)
    return cv2.dilate(spots.astype(np.uint8), margin) > 0


def without_markers(radiograph: Radiograph) -> Radiograph:
    """The film with its markers painted out from what surrounds them (Telea 2004)."""
    spots = markers(radiograph.pixels)
    gray = np.rint(radiograph.pixels * 255).astype(np.uint8)
    filled = cv2.inpaint(gray, spots.astype(np.uint8), 3, cv2.INPAINT_TELEA).astype(np.float32) / 255
    return replace(radiograph, pixels=np.where(spots, filled, radiograph.pixels))
