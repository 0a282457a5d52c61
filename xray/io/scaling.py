"""Stored samples of any depth and color to gray pixels in [0, 1]."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xray.errors import UnreadableImage
from xray.types import Pixels

Samples = NDArray[Any]

MAX_PIXELS = 100_000_000
COLOR_NOTE = "Color reduced to luminance (ITU-R BT.601)."
USUAL_DEPTHS = (8, 10, 12, 14, 16)
OUTLIERS = 1e-4  # largest share of the samples, such as those of hot pixels, that is left out of a range
SQUARE = 1.02  # largest ratio of the sides of a pixel that counts as square


def flatten(samples: Samples, bits: int, name: str, notes: list[str], premultiplied: bool = False) -> Pixels:
    """Gray, gray and alpha, RGB or RGBA (H, W, 1 to 4) to (H, W) in [0, 1], over black."""
    colors = 3 if samples.shape[2] > 2 else 1
    pixels = to_gray(scaled(samples[..., :colors], bits, name, notes), notes)
    if samples.shape[2] > colors:
        opaque = 2**bits - 1 if samples.dtype.kind == "u" else 1
        alpha: Pixels = samples[..., colors].astype(np.float32) / opaque
        if (alpha < 1).any():
            notes.append("Transparent parts shown black.")
            pixels = pixels if premultiplied else pixels * alpha
    return pixels


def to_gray(colors: Pixels, notes: list[str]) -> Pixels:
    """Gray or RGB (H, W, 1 or 3) to (H, W)."""
    if colors.shape[2] == 1:
        return colors[..., 0]
    red, green, blue = np.moveaxis(colors, -1, 0)
    if max(np.abs(red - green).max(), np.abs(blue - green).max()) > 0.02:
        notes.append(COLOR_NOTE)
    return luminance(colors)


def luminance(colors: Pixels) -> Pixels:
    """ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B: (H, W) from (H, W, 3); exact where R = G = B."""
    red, green, blue = np.moveaxis(colors, -1, 0)
    gray: Samples = green + 0.299 * (red - green) + 0.114 * (blue - green)
    return gray


def scaled(samples: Samples, bits: int, name: str, notes: list[str]) -> Pixels:
    """Scale samples to [0, 1] by the full scale of their depth, or over their own range.

    16 bits are divided by the full scale of the smallest usual depth that holds all but outliers.
    """
    if samples.dtype.kind not in "bu" or bits > 16:
        return own_range(samples, name, notes)
    used, beyond = bits, 0
    if bits == 16:
        used, beyond = _used_bits(samples)
    if used < bits:
        brighter = f"; {beyond} brighter samples shown white" if beyond else ""
        notes.append(f"Stored with {bits} bits but uses {used}: scaled by {2**used - 1}{brighter}.")
    return np.divide(samples, 2**used - 1, dtype=np.float32)


def _used_bits(samples: Samples) -> tuple[int, int]:
    """The smallest usual depth that holds all samples but outliers, and the number of outliers."""
    most = max(1, int(OUTLIERS * samples.size))
    depths = ((depth, int(np.count_nonzero(samples >= 2**depth))) for depth in USUAL_DEPTHS)
    return next((depth, beyond) for depth, beyond in depths if beyond <= most)


def own_range(samples: Samples, name: str, notes: list[str], film: NDArray[np.bool_] | None = None) -> Pixels:
    """Scale samples from their minimum to their maximum, without outliers, to [0, 1].

    Args:
        samples: Numbers, of any shape.
        name: Name of the file, for messages.
        notes: Receives a note on the scaling.
        film: Samples that count for the range; by default all.

    Raises:
        UnreadableImage: If a sample is not a finite number.
    """
    counted = samples if film is None else samples[film]
    low, high = float(counted.min()), float(counted.max())
    if not np.isfinite([low, high]).all():
        raise UnreadableImage(
            f"{name} holds samples that are not numbers (NaN or infinity).",
            hint="Replace them in the program that wrote the file, and save it again.",
        )
    low, high = _without_outliers(counted, low, high)
    outliers = np.count_nonzero((counted < low) | (counted > high))
    left_out = f", without {outliers} outliers" if outliers else ""
    notes.append(f"Scaled from its own minimum to its own maximum{left_out}.")
    pixels = np.empty(samples.shape, np.float32)
    np.subtract(samples, low, out=pixels, dtype=np.float64, casting="unsafe")
    pixels /= (high - low) or 1.0
    return np.clip(pixels, 0, 1, out=pixels)


def _without_outliers(samples: Samples, low: float, high: float) -> tuple[float, float]:
    """Reduce a range while half of it holds no more samples than OUTLIERS."""
    most = max(1, int(OUTLIERS * samples.size))
    while low < high:
        middle = low / 2 + high / 2
        if np.count_nonzero(samples > middle) <= most:
            high = float(samples[samples <= middle].max())
        elif np.count_nonzero(samples < middle) <= most:
            low = float(samples[samples >= middle].min())
        else:
            break
    return low, high


def note_aspect(height: float, width: float, notes: list[str]) -> None:
    """Add a note if pixels of this height and width, in any unit, are not square."""
    ratio = height / width
    if ratio < 1 / SQUARE or ratio > SQUARE:
        longer, by = ("high", ratio) if ratio > 1 else ("wide", 1 / ratio)
        notes.append(f"Pixels are not square but {by:.2f} times as {longer}: shapes appear distorted.")


def refuse_oversized(name: str, rows: int, columns: int) -> None:
    """Raises UnreadableImage for more than 100 megapixels: called with the header's size, before decoding."""
    if rows * columns > MAX_PIXELS:
        raise oversized(name)


def oversized(name: str) -> UnreadableImage:
    """Return the error for an image with too many pixels."""
    return UnreadableImage(
        f"{name} claims more than {MAX_PIXELS // 1_000_000} megapixels.",
        hint="Scale it down to under 10,000 x 10,000 pixels and upload it again.",
    )
