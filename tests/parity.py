"""What it means that two interfaces give the same Case: the same words, and numbers within 1e-5.

Sums in another order, as with another number of threads, change the last bits of a float32.
"""

import math
from typing import Any

import numpy as np

TOLERANCE = 1e-5


def assert_same(given: Any, expected: Any, place: str = "") -> None:
    """Compare what JSON can hold: numbers within TOLERANCE, all else exactly."""
    if isinstance(expected, dict):
        assert isinstance(given, dict), place
        assert given.keys() == expected.keys(), place
        for key in expected:
            assert_same(given[key], expected[key], f"{place}/{key}")
    elif isinstance(expected, list | tuple):
        assert isinstance(given, list | tuple), place
        assert len(given) == len(expected), place
        for index, pair in enumerate(zip(given, expected, strict=True)):
            assert_same(*pair, f"{place}/{index}")
    elif isinstance(expected, float):
        assert isinstance(given, int | float), place
        assert math.isclose(given, expected, rel_tol=TOLERANCE, abs_tol=TOLERANCE), (place, given, expected)
    else:
        assert given == expected, place


def assert_same_map(given: np.ndarray, expected: np.ndarray) -> None:
    """Compare raw maps: the same shape and type, values within TOLERANCE."""
    assert (given.shape, given.dtype) == (expected.shape, expected.dtype)
    assert np.allclose(given, expected, rtol=TOLERANCE, atol=TOLERANCE)


def assert_same_picture(given: np.ndarray, expected: np.ndarray) -> None:
    """Compare drawn pictures: a value that is rounded may fall on the next of 256 levels."""
    assert given.shape == expected.shape
    assert int(np.abs(given.astype(np.int16) - expected.astype(np.int16)).max()) <= 1
