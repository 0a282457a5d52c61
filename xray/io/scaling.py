"""Stored samples of any depth and color to gray pixels in [0, 1]."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xray.errors import UnreadableImage
from xray.io.bands import bands, converted, count
from xray.types import Pixels

Samples = NDArray[Any]

MAX_PIXELS = 100_000_000
COLOR_NOTE = "Color reduced to luminance (ITU-R BT.601)."
USUAL_DEPTHS = (8, 10, 12, 14, 16)
OUTLIERS = 1e-4  # largest share of the samples, such as those of hot pixels, that is left out of a range
SQUARE = 1.02  # largest ratio of the sides of a pixel that counts as square


def flatten(samples: Samples, bits: int, name: str, notes: list[str], premultiplied: bool = False) -> Pixels:
    """Gray, gray and alpha, RGB or RGBA (H, W, 1 to 4) to (H, W) in [0, 1], over black."""
    return _flattened(samples, np.empty(samples.shape[:2], np.float32), bits, name, notes, premultiplied)


def flatten_in_place(samples: Samples, bits: int, name: str, notes: list[str]) -> Pixels:
    """Convert as flatten does, but into the memory of the samples if a pixel of them needs 4 bytes or more.

    Args:
        samples: Integers (H, W, 1 to 4), which must not be used afterwards.
        bits: Bits of a sample.
        name: Name of the file, for messages.
        notes: Receives notes on scaling, color and transparency.
    """
    rows, columns, channels = samples.shape
    words = samples.dtype.itemsize * channels // 4
    if not (words and samples.flags.c_contiguous and samples.flags.owndata and samples.flags.writeable):
        return flatten(samples, bits, name, notes)
    pixels = np.frombuffer(samples, np.float32, rows * columns).reshape(rows, columns)
    _flattened(samples, pixels, bits, name, notes, premultiplied=False)
    del pixels
    samples.resize(4 * rows * columns // samples.dtype.itemsize, refcheck=False)  # frees the rest
    return samples.view(np.float32).reshape(rows, columns)


def _flattened(
    samples: Samples, pixels: Pixels, bits: int, name: str, notes: list[str], premultiplied: bool
) -> Pixels:
    """Convert band by band; a band of pixels may begin at or before the memory of its samples."""
    colors = 3 if samples.shape[2] > 2 else 1
    low, span = _range(samples[..., :colors], bits, name, notes)
    opaque = 2**bits - 1 if samples.dtype.kind == "u" else 1
    has_colors = is_transparent = is_visible = False
    for rows in bands(samples):
        band, is_colored = _gray(_spread(samples[rows, :, :colors], low, span))
        has_colors = has_colors or is_colored
        if samples.shape[2] > colors:
            alpha: Pixels = samples[rows, :, colors].astype(np.float32) / opaque
            is_transparent = is_transparent or bool((alpha < 1).any())
            is_visible = is_visible or bool(alpha.any())
            if not premultiplied:
                band *= alpha
        pixels[rows] = band
    if is_transparent and not is_visible:
        raise UnreadableImage(f"{name} is transparent everywhere.", hint="Save it without an alpha channel.")
    if has_colors:
        notes.append(COLOR_NOTE)
    if is_transparent:
        notes.append("Transparent parts shown black.")
    return pixels


def _gray(colors: Pixels) -> tuple[Pixels, bool]:
    """Gray or RGB (H, W, 1 or 3) to (H, W), and whether it has colors."""
    if colors.shape[2] == 1:
        return colors[..., 0], False
    red, green, blue = np.moveaxis(colors, -1, 0)
    return luminance(colors), bool(max(np.abs(red - green).max(), np.abs(blue - green).max()) > 0.02)


def luminance(colors: Pixels) -> Pixels:
    """ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B: (H, W) from (H, W, 3); exact where R = G = B."""
    red, green, blue = np.moveaxis(colors, -1, 0)
    gray: Samples = green + 0.299 * (red - green) + 0.114 * (blue - green)
    return gray


def flatten_ink(samples: Samples, bits: int, name: str, notes: list[str]) -> Pixels:
    """CMYK (H, W, 4), 0 for no ink, to (H, W) in [0, 1]."""
    low, span = _range(samples, bits, name, [])
    pixels = np.empty(samples.shape[:2], np.float32)
    has_colors = False
    for rows in bands(samples):
        ink = _spread(samples[rows], low, span)
        pixels[rows], is_colored = _gray((1 - ink[..., :3]) * (1 - ink[..., 3:]))
        has_colors = has_colors or is_colored
    if has_colors:
        notes.append(COLOR_NOTE)
    return pixels


def _range(samples: Samples, bits: int, name: str, notes: list[str]) -> tuple[float, float]:
    """The sample that becomes 0, and the difference of the sample that becomes 1."""
    if samples.dtype.kind not in "bu" or bits > 16:
        return _own_range(samples, name, notes)
    used, beyond = bits, 0
    if bits == 16:
        used, beyond = _used_bits(samples)
    if used < bits:
        brighter = f"; {_counted(beyond, 'brighter sample')} shown white" if beyond else ""
        notes.append(f"Stored with {bits} bits but uses {used}: scaled by {2**used - 1}{brighter}.")
    return 0, 2**used - 1


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number > 1 else ''}"


def _spread(samples: Samples, low: float, span: float) -> Pixels:
    pixels = np.empty(samples.shape, np.float32)
    np.subtract(samples, low, out=pixels, dtype=np.float64, casting="unsafe")
    pixels /= span
    return np.clip(pixels, 0, 1, out=pixels)


def _used_bits(samples: Samples) -> tuple[int, int]:
    """The smallest usual depth that holds all samples but outliers, and the number of outliers."""
    most = max(1, int(OUTLIERS * samples.size))
    depths = ((depth, count(samples, partial(np.less_equal, 2**depth))) for depth in USUAL_DEPTHS)
    return next((depth, beyond) for depth, beyond in depths if beyond <= most)


def own_range(samples: Samples, name: str, notes: list[str], film: NDArray[np.bool_] | None = None) -> Pixels:
    """Scale samples from their minimum to their maximum, without outliers, to [0, 1].

    Args:
        samples: Numbers (H, W).
        name: Name of the file, for messages.
        notes: Receives a note on the scaling.
        film: Samples that count for the range; by default all.

    Raises:
        UnreadableImage: If a sample is not a finite number.
    """
    low, span = _own_range(samples if film is None else samples[film], name, notes)
    return converted(samples, lambda band: _spread(band, low, span))


def _own_range(samples: Samples, name: str, notes: list[str]) -> tuple[float, float]:
    low, high = float(samples.min()), float(samples.max())
    if not np.isfinite([low, high]).all():
        raise UnreadableImage(
            f"{name} holds samples that are not numbers (NaN or infinity).",
            hint="Replace them in the program that wrote the file, and save it again.",
        )
    low, high = _without_outliers(samples, low, high)
    outliers = count(samples, lambda band: (band < low) | (band > high))
    left_out = f", without {_counted(outliers, 'outlier')}" if outliers else ""
    notes.append(f"Scaled from its own minimum to its own maximum{left_out}.")
    return low, (high - low) or 1.0


def _without_outliers(samples: Samples, low: float, high: float) -> tuple[float, float]:
    """Reduce a range while half of it holds no more samples than OUTLIERS."""
    most = max(1, int(OUTLIERS * samples.size))
    while low < high:
        middle = low / 2 + high / 2
        if count(samples, partial(np.less, middle)) <= most:
            high = float(samples.max(where=samples <= middle, initial=low))
        elif count(samples, partial(np.greater, middle)) <= most:
            low = float(samples.min(where=samples >= middle, initial=high))
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
