"""Films made worse on purpose, to see what an answer owes to their quality."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from xray.types import Pixels, Radiograph


def shrunk(radiograph: Radiograph, side: int) -> Radiograph:
    """The film with its longer side at most `side` px, as if it had been scanned at that resolution."""
    height, width = radiograph.pixels.shape
    scale = side / max(height, width)
    if scale >= 1:
        return radiograph
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    pixels = cv2.resize(radiograph.pixels, size, interpolation=cv2.INTER_AREA).clip(0, 1)
    spacing = radiograph.spacing_mm
    if spacing:
        spacing = spacing[0] * height / size[1], spacing[1] * width / size[0]
    return replace(radiograph, pixels=pixels, spacing_mm=spacing)


def noisy(pixels: Pixels, deviation: float) -> Pixels:
    """A film (H, W) with Gaussian noise of a standard deviation, of the film's range; always the same one."""
    noise = np.random.default_rng(0).normal(0, deviation, pixels.shape).astype(np.float32)
    return np.asarray((pixels + noise).clip(0, 1), np.float32)


def compressed(pixels: Pixels, quality: int) -> Pixels:
    """A film (H, W) as it comes back from a JPEG of 8 bits."""
    gray = np.rint(pixels * 255).astype(np.uint8)
    _, written = cv2.imencode(".jpg", gray, [cv2.IMWRITE_JPEG_QUALITY, quality])
    read = np.asarray(cv2.imdecode(written, cv2.IMREAD_GRAYSCALE), np.float32)
    return np.asarray(read / 255, np.float32)
