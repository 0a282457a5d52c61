"""Modality, VOI and palette lookup tables of DICOM files, also where their descriptor is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.pixels import apply_color_lut

from xray.io.bands import converted
from xray.io.dicom_header import PALETTE, UNREADABLE_VALUE, numbers, word
from xray.io.scaling import USUAL_DEPTHS, Samples
from xray.types import Pixels


class LookupTable(NamedTuple):
    """A lookup table (PS3.3 C.11.1.1, C.11.2.1.1, C.7.6.3.1.5).

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


def largest_entry(tables: Sequence[LookupTable], name: str, notes: list[str]) -> int:
    """The largest entry that is possible, by the descriptors unless the entries show another depth."""
    bits, largest = tables[0].bits, max(float(table.entries.max()) for table in tables)
    used = next(depth for depth in USUAL_DEPTHS if largest < 2**depth)
    if used < bits or largest >= 2**bits:
        notes.append(f"The {name} is described with {bits} bits but uses {used}: scaled by {2**used - 1}.")
        return 2**used - 1
    return 2**bits - 1


def lookup_tables(dataset: Dataset, keyword: str) -> list[LookupTable]:
    """The tables of a sequence, without items that have no descriptor or no entries."""
    try:
        items = list(dataset.get(keyword) or [])
    except UNREADABLE_VALUE:
        return []
    return [table for item in items if (table := _table(item, "LUT", word(dataset))) is not None]


def palette(dataset: Dataset) -> list[LookupTable]:
    """The tables for red, green and blue; empty if one of them is missing or unreadable."""
    if any(f"Segmented{name}Data" in dataset for name in PALETTE):
        tables = _expanded(dataset)
    else:
        tables = [_table(dataset, name, word(dataset)) for name in PALETTE]
    return [table for table in tables if table] if all(tables) else []


def _expanded(dataset: Dataset) -> list[LookupTable | None]:
    """The tables of a palette that is stored in segments (PS3.3 C.7.9.2), expanded by pydicom."""
    try:
        length, first, _ = (int(value) for value in numbers(dataset, f"{PALETTE[0]}Descriptor"))
        colors = apply_color_lut(np.arange(first, first + (length % 65536 or 65536)), dataset)
    except UNREADABLE_VALUE:
        return [None]
    bits = 8 * colors.dtype.itemsize
    return [
        LookupTable(entries.astype(np.float32), first, bits) for entries in np.moveaxis(colors, -1, 0)[:3]
    ]


def _table(item: Dataset, name: str, words: str) -> LookupTable | None:
    """The table of the elements `{name}Descriptor` and `{name}Data`."""
    try:
        length, first, bits = (int(value) for value in numbers(item, f"{name}Descriptor"))
        entries = item[f"{name}Data"].value
        length = length % 65536 or 65536
        if isinstance(entries, bytes):
            packed = len(entries) <= (2 * length - 1 if bits <= 8 else length + 1)
            entries = np.frombuffer(
                entries if packed else entries[: len(entries) // 2 * 2], "u1" if packed else words
            )
        entries = np.atleast_1d(np.asarray(entries, dtype=np.float32))[:length] % 65536
    except UNREADABLE_VALUE:
        return None
    return LookupTable(entries, first, min(max(bits, 0), 16)) if len(entries) else None
