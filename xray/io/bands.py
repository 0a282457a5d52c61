"""Large arrays processed in bands of rows, which limits memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xray.types import Pixels

Array = NDArray[Any]

SIZE = 2**18  # values of a band


def bands(array: Array) -> Iterator[slice]:
    """Slices of the first axis of an array, each with about SIZE values."""
    rows = max(1, SIZE * len(array) // max(array.size, 1))
    return (slice(start, start + rows) for start in range(0, len(array), rows))


def converted(array: Array, convert: Callable[[Array], Array]) -> Pixels:
    """Convert (H, W) or (H, W, n) to float32 (H, W) by a function of a band of rows."""
    pixels = np.empty(array.shape[:2], np.float32)
    for rows in bands(array):
        pixels[rows] = convert(array[rows])
    return pixels


def count(array: Array, test: Callable[[Array], NDArray[np.bool_]]) -> int:
    """How many values of an array meet a condition."""
    return sum(int(np.count_nonzero(test(array[rows]))) for rows in bands(array))
