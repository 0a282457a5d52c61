"""Bits and sign of samples, where BitsStored, HighBit or PixelRepresentation is wrong."""

from __future__ import annotations

import numpy as np
from pydicom import Dataset

from xray.io.bands import bands, count
from xray.io.scaling import Samples


def used_bits(dataset: Dataset, samples: Samples, notes: list[str]) -> tuple[Samples, int]:
    """Remove unused bits from samples (PS3.5 8.1.1).

    Args:
        dataset: Its BitsStored and HighBit are set.
        samples: Integers (H, W) as stored.
        notes: Receives a note if the header does not describe the samples.

    Returns:
        The samples in the lowest bits, with their sign if they have one, and the number of bits in use.
    """
    container = 8 * samples.dtype.itemsize
    bits, above = dataset.BitsStored, dataset.HighBit + 1 - dataset.BitsStored
    if above > 0 and bits + above <= container:
        if _is_shifted(samples, bits, above):
            shifted = (samples << (container - bits - above)) >> (container - bits)
            notes.append(f"Stored in the upper {bits} bits: shifted by {above}.")
            return shifted, bits
        notes.append(f"HighBit in the header is wrong: the samples use the lowest {bits} bits.")
    needed, unused = _needed_bits(samples), container - bits
    declared = samples if needed <= bits else (samples << unused) >> unused
    readings = [declared]
    if count(
        declared, lambda band: (band < 0) & (band > -(2 ** (bits - 1)))
    ):  # the lowest value may be padding
        readings.append(samples.view(f"u{samples.dtype.itemsize}") & (2**bits - 1))
    if needed > bits:
        readings.append(samples)
    smoothest = min(readings, key=_variation) if len(readings) > 1 else declared
    if smoothest is declared:
        return declared, bits
    if smoothest.dtype != declared.dtype:
        notes.append("PixelRepresentation in the header is wrong: the samples have no sign.")
        return smoothest, bits
    notes.append(f"BitsStored in the header is wrong: it says {bits} bits, the samples need {needed}.")
    return samples, needed


def _is_shifted(samples: Samples, bits: int, above: int) -> bool:
    """Whether samples are in the upper bits: the lower ones are empty, or the lower ones do not hold them."""
    words = samples.view(f"u{samples.dtype.itemsize}")
    return not (words & (2**above - 1)).any() or int(words.max()) >= 2**bits


def _needed_bits(samples: Samples) -> int:
    """Bits of the smallest and the largest sample; a sign takes one."""
    low, high = int(samples.min()), int(samples.max())
    return max(high.bit_length(), (~low).bit_length() if low < 0 else 0) + (samples.dtype.kind == "i")


def _variation(samples: Samples) -> float:
    """Sum of differences of neighbors; high for values with missing bits and for values with other data."""
    parts = (np.diff(samples[rows].astype(np.float32), axis=1) for rows in bands(samples))
    return sum(float(np.abs(part).sum(dtype=np.float64)) for part in parts)
