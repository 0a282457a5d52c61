"""Checks of array arguments in constructors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Pixels = NDArray[np.float32]


def expect(name: str, array: NDArray[Any], dtype: type[np.generic], shape: tuple[int | None, ...]) -> None:
    """Raise ValueError unless an array has a dtype and a shape; None stands for any length."""
    fits = array.ndim == len(shape) and all(
        expected in (None, length) for expected, length in zip(shape, array.shape, strict=True)
    )
    if not fits or array.dtype != dtype:
        lengths = ", ".join("n" if length is None else str(length) for length in shape)
        raise ValueError(f"expected {dtype.__name__} {name} ({lengths}), got {array.dtype} {array.shape}")


def expect_range(name: str, array: NDArray[Any], low: float, high: float) -> None:
    """Raise ValueError unless all values of an array are in [low, high]."""
    if not ((array >= low) & (array <= high)).all():
        raise ValueError(f"expected {name} in [{low:g}, {high:g}], got [{array.min():g}, {array.max():g}]")
