"""Modality and VOI lookup tables of DICOM files, also where their descriptor is wrong."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from xray.io.bands import converted
from xray.io.dicom_header import UNREADABLE_VALUE, numbers, word
from xray.io.scaling import USUAL_DEPTHS, Samples
from xray.types import Pixels


class LookupTable(NamedTuple):
    """A lookup table (PS3.3 C.11.1.1, C.11.2.1.1).

    Attributes:
        entries: float32 (n), n up to 65536.
        first: Value that the first entry belongs to, as stored: without its sign if the file omits it.
        bits: Bits of an entry according to the descriptor.
    """

    entries: NDArray[np.float32]
    first: int
    bits: int

    def look_up(self, values: Samples) -> Pixels:
        """Values through the table; those beyond its ends take its first or last entry."""
        first = self.first - 65536 if self.first > 32767 and values.min() < 0 else self.first

        def entries_of(band: Samples) -> Pixels:
            at = np.clip(np.rint(band.astype(np.float64)) - first, 0, len(self.entries) - 1)
            return self.entries[at.astype(np.intp)]

        return converted(values, entries_of)

    def full_scale(self, notes: list[str]) -> int:
        """The largest entry that is possible, by the descriptor unless the entries show another depth."""
        used = next(depth for depth in USUAL_DEPTHS if self.entries.max() < 2**depth)
        if used < self.bits or self.entries.max() >= 2**self.bits:
            full = 2**used - 1
            notes.append(f"The VOI LUT is described with {self.bits} bits but uses {used}: scaled by {full}.")
            return full
        return 2**self.bits - 1


def lookup_tables(dataset: Dataset, keyword: str) -> list[LookupTable]:
    """The tables of a sequence, without items that have no descriptor or no entries."""
    try:
        items = list(dataset.get(keyword) or [])
    except UNREADABLE_VALUE:
        return []
    return [table for item in items if (table := _table(item, word(dataset))) is not None]


def _table(item: Dataset, words: str) -> LookupTable | None:
    try:
        length, first, bits = (int(value) for value in numbers(item, "LUTDescriptor"))
        entries = item.LUTData
        length = length % 65536 or 65536
        if isinstance(entries, bytes):
            entries = np.frombuffer(entries, "u1" if len(entries) < 2 * length else words)
        entries = np.atleast_1d(np.asarray(entries, dtype=np.float32))[:length] % 65536
    except UNREADABLE_VALUE:
        return None
    return LookupTable(entries, first, min(max(bits, 0), 16)) if len(entries) else None
