"""Films made worse on purpose, to see what an answer owes to their quality."""

from __future__ import annotations

from dataclasses import replace

import cv2

from xray.types import Radiograph


def shrunk(radiograph: Radiograph, side: int) -> Radiograph:
    """The film with its longer side at most `side` px, as if it had been scanned at that resolution."""
    height, width = radiograph.pixels.shape
    scale = side / max(height, width)
    if scale >= 1:
        return radiograph
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    pixels = cv2.resize(radiograph.pixels, size, interpolation=cv2.INTER_AREA).clip(0, 1)
    return replace(radiograph, pixels=pixels)
