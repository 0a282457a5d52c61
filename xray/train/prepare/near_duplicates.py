"""Groups of near-duplicate films, by a difference hash (dHash) of 256 bits."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

SIDE = 16
DIFFERENT_BITS = 10  # of SIDE * SIDE; up to so many, two films are near-duplicates


def fingerprint(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return whether each cell of a grid is brighter than its left neighbor, packed: uint8 (32,)."""
    cells = cv2.resize(pixels, (SIDE + 1, SIDE), interpolation=cv2.INTER_AREA).astype(np.int16)
    return np.packbits(cells[:, 1:] > cells[:, :-1])


def groups(prints: NDArray[np.uint8]) -> list[int]:
    """Return the group number of each film (n), from fingerprints (n, 32)."""
    pairs = [
        (first, first + 1 + int(second))
        for first in range(len(prints) - 1)
        for second in np.flatnonzero(
            np.bitwise_count(prints[first + 1 :] ^ prints[first]).sum(axis=1) <= DIFFERENT_BITS
        )
    ]
    rows, columns = (np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))
    graph = coo_array((np.ones(len(pairs), np.int8), (rows, columns)), shape=(len(prints), len(prints)))
    return [int(group) for group in connected_components(graph, directed=False)[1]]
