"""Films of a download, decoded, reduced and encoded."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from xray.errors import UnreadableImage
from xray.io import read_radiograph
from xray.train.prepare.download import File
from xray.train.prepare.target import Target

QUALITY = 90  # of JPEG files
Gray = NDArray[np.uint8]  # (H, W), bright is dense


def decoded(file: File, target: Target) -> Gray | None:
    """Decode a film. One that cannot be read is left out with the reason, and the result is None."""
    try:
        return gray(file)
    except UnreadableImage as error:
        target.leave_out("cannot be read as a film", f"{file.path}: {error.message}")
        return None


def gray(file: File) -> Gray:
    """Decode a film as uint8 (H, W). Raises UnreadableImage."""
    return np.rint(read_radiograph(file.read(), file.path.name).pixels * 255).astype(np.uint8)


def short_side(pixels: Gray, side: int) -> Gray:
    """Reduce a film to a short side in px; a smaller film is not changed."""
    return _reduced(pixels, side / min(pixels.shape))


def long_side(pixels: Gray, side: int) -> Gray:
    """Reduce a film to a long side in px; a smaller film is not changed."""
    return _reduced(pixels, side / max(pixels.shape))


def squeezed(pixels: Gray, side: int) -> Gray:
    """Resize a film to a square."""
    method = cv2.INTER_AREA if min(pixels.shape) >= side else cv2.INTER_LINEAR
    return _resized(pixels, (side, side), method)


def jpeg(pixels: Gray) -> bytes:
    """Encode a film as JPEG."""
    return _encoded(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


def png(pixels: Gray) -> bytes:
    """Encode a film or mask as PNG."""
    return _encoded(".png", pixels, [])


def _reduced(pixels: Gray, share: float) -> Gray:
    if share >= 1:
        return pixels
    height, width = (max(1, round(side * share)) for side in pixels.shape)
    return _resized(pixels, (width, height), cv2.INTER_AREA)


def _resized(pixels: Gray, size: tuple[int, int], method: int) -> Gray:
    return np.asarray(cv2.resize(pixels, size, interpolation=method), np.uint8)


def _encoded(suffix: str, pixels: Gray, options: list[int]) -> bytes:
    _, data = cv2.imencode(suffix, pixels, options)
    content: Any = data
    return bytes(content)
