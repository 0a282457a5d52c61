"""Stored DICOM samples to pixels in [0, 1]: padding, modality LUT or rescale, VOI LUT or window."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from scipy.special import expit

from xray.io.bands import converted
from xray.io.dicom_header import number, numbers, text
from xray.io.dicom_lut import largest_entry, lookup_tables
from xray.io.scaling import Samples, own_range
from xray.types import Pixels

HIDDEN = 0.999  # share of pixels at one end of a window from which on it shows nothing


def film_area(dataset: Dataset, samples: Samples, bits: int, notes: list[str]) -> NDArray[np.bool_] | None:
    """Where samples are not padding (PS3.3 C.7.5.1.1.2).

    Args:
        dataset: The header. The sign of its padding values may differ from that of the samples.
        samples: Integers (H, W).
        bits: Bits of a sample.
        notes: Receives a note if padding would cover the whole film.

    Returns:
        True for film (H, W); None if nothing is padding.
    """
    values = [number(dataset, keyword) for keyword in ("PixelPaddingValue", "PixelPaddingRangeLimit")]
    if values[0] is None or not np.isfinite(values[0]) or samples.dtype.kind not in "iu":
        return None
    half = 2 ** (bits - 1) if samples.dtype.kind == "i" else 0
    limits = [int(value + half) % 2**bits - half for value in values if value is not None]
    film: NDArray[np.bool_] = (samples < min(limits)) | (samples > max(limits))
    if not film.any():
        notes.append("The padding values in the header cover the whole film: ignored.")
    return film if film.any() and not film.all() else None


def modality_values(dataset: Dataset, samples: Samples, notes: list[str]) -> Samples:
    """Samples in the units of windows: through the modality LUT, or rescaled (PS3.3 C.11.1)."""
    if luts := lookup_tables(dataset, "ModalityLUTSequence"):
        return luts[0].look_up(samples)
    slope, intercept = number(dataset, "RescaleSlope"), number(dataset, "RescaleIntercept")
    if slope == 0 or not np.isfinite([slope or 1, intercept or 0]).all():
        notes.append("RescaleSlope or RescaleIntercept in the header is 0 or infinite: ignored.")
        slope, intercept = None, intercept if np.isfinite(intercept or 0) else None
    if slope is None and intercept is None:
        return samples
    values: Samples = samples.astype(np.float32 if samples.dtype.itemsize <= 2 else np.float64)
    values *= 1 if slope is None else slope
    values += intercept or 0
    return values


def values_of_interest(
    dataset: Dataset,
    values: Samples,
    film: NDArray[np.bool_] | None,
    full_scale: int | None,
    name: str,
    notes: list[str],
) -> Pixels:
    """Scale modality values to [0, 1] (PS3.3 C.11.2): by the VOI LUT, the window or a range.

    Args:
        dataset: The header.
        values: Modality values (H, W).
        film: Where they are not padding; None for everywhere.
        full_scale: Upper end of the range without LUT and window; None for the range of the values.
        name: Name of the file, for messages.
        notes: Receives a note on what was applied.

    Raises:
        UnreadableImage: If a value is not a finite number.
    """
    luts = lookup_tables(dataset, "VOILUTSequence")
    windows = _windows(dataset)
    if luts:
        pixels = luts[0].look_up(values)
        pixels /= largest_entry(luts[:1], "VOI LUT", notes)
        if np.ptp(pixels if film is None else pixels[film]) > 0:
            notes.append("VOI LUT applied." if len(luts) == 1 else f"First of {len(luts)} VOI LUTs applied.")
            return pixels
        notes.append("The VOI LUT in the file shows nothing of this film.")
    function = text(dataset, "VOILUTFunction")
    for center, width in windows[:1]:
        pixels = converted(values, partial(window, center=center, width=width, function=function))
        if not any(_hides(values, pixels == end, film) for end in (0, 1)):
            choice = f"First of {len(windows)} windows" if len(windows) > 1 else "Windowed"
            notes.append(f"{choice}: center {center:g}, width {width:g}.")
            return pixels
        notes.append("The window in the file shows nothing of this film.")
    if full_scale:
        notes.append(f"No window in the file: scaled by {full_scale}.")
        return converted(values, lambda band: band / np.float32(full_scale))
    return own_range(values, name, notes, film)


def _hides(values: Samples, at_end: NDArray[np.bool_], film: NDArray[np.bool_] | None) -> bool:
    """Whether a window shows different values alike, and nearly nothing else."""
    if film is not None:
        at_end &= film
    share = np.count_nonzero(at_end) / (at_end.size if film is None else np.count_nonzero(film))
    return bool(share >= HIDDEN and np.ptp(values[at_end]) > 0)


def _windows(dataset: Dataset) -> list[tuple[float, float]]:
    """Pairs of center and width that a window can have."""
    centers, widths = numbers(dataset, "WindowCenter"), numbers(dataset, "WindowWidth")
    if len(centers) != len(widths):
        centers, widths = ([value for value in values if np.isfinite(value)] for values in (centers, widths))
    narrowest = 0 if text(dataset, "VOILUTFunction") in ("LINEAR_EXACT", "SIGMOID") else 1
    return [
        (center, width)
        for center, width in zip(centers, widths, strict=False)
        if np.isfinite([center, width]).all() and width >= narrowest and width > 0
    ]


def window(values: Samples, center: float, width: float, function: str | None = None) -> Samples:
    """Values to [0, 1]: DICOM PS3.3 C.11.2.1.2 (LINEAR), C.11.2.1.3.1 (SIGMOID), C.11.2.1.3.2 (LINEAR_EXACT).

    width: at least 1 for LINEAR, above 0 for the others.
    """
    values = values.astype(np.float64)
    if function == "SIGMOID":
        return expit(4 * (values - center) / width)
    if function != "LINEAR_EXACT":
        center, width = center - 0.5, width - 1
    if width == 0:
        return (values > center).astype(np.float32)
    return np.clip((values - center) / width + 0.5, 0.0, 1.0)
