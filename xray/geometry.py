"""Affine transformations between source pixels, network inputs and maps.

Coordinates are (x, y) with the image covering [0, W] x [0, H]: the center of the first pixel is (0.5, 0.5).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Affine:
    """x' = xx * x + xy * y + x0, y' = yx * x + yy * y + y0."""

    xx: float
    xy: float
    x0: float
    yx: float
    yy: float
    y0: float

    @classmethod
    def scale(cls, x: float, y: float) -> Affine:
        """Return the affine that multiplies x and y by the given factors."""
        return cls(x, 0.0, 0.0, 0.0, y, 0.0)

    @classmethod
    def stretch(cls, source: tuple[int, int], target: tuple[int, int]) -> Affine:
        """Return the affine that stretches a source (H, W) to a target (H, W)."""
        return cls.scale(target[1] / source[1], target[0] / source[0])

    @classmethod
    def letterbox(cls, source: tuple[int, int], side: int, multiple: int) -> tuple[Affine, tuple[int, int]]:
        """Return the affine of a letterbox and the shape (H, W) of its target.

        The source (H, W) is scaled until its long side is `side` and centered on the smallest target whose
        sides are multiples of `multiple`.
        """
        factor = side / max(source)
        height, width = (max(1, round(length * factor)) for length in source)
        target = -(-height // multiple) * multiple, -(-width // multiple) * multiple
        top, left = (target[0] - height) // 2, (target[1] - width) // 2
        x, y = width / source[1], height / source[0]
        return cls(x, 0.0, float(left), 0.0, y, float(top)), target

    @property
    def matrix(self) -> NDArray[np.float64]:
        """The homogeneous matrix (3, 3)."""
        return np.array([[self.xx, self.xy, self.x0], [self.yx, self.yy, self.y0], [0.0, 0.0, 1.0]])

    @classmethod
    def from_matrix(cls, matrix: NDArray[np.floating]) -> Affine:
        """Return the affine of a matrix (2, 3) or (3, 3)."""
        return cls(*(float(value) for value in matrix[:2].ravel()))

    def inverse(self) -> Affine:
        """Return the inverse.

        Raises:
            numpy.linalg.LinAlgError: The affine is singular.
        """
        return Affine.from_matrix(np.linalg.inv(self.matrix))

    def then(self, following: Affine) -> Affine:
        """Return the affine that applies this one, then `following`."""
        return Affine.from_matrix(following.matrix @ self.matrix)

    def apply(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Transform points (n, 2), each (x, y)."""
        return points @ self.matrix[:2, :2].T + self.matrix[:2, 2]

    def warp(
        self, pixels: NDArray[np.float32], shape: tuple[int, int], fill: float | None = None
    ) -> NDArray[np.float32]:
        """Resample float32 (h, w) into a target (H, W), bilinearly between pixel centers.

        Args:
            pixels: (h, w).
            shape: (H, W) of the target.
            fill: Value outside the source. None repeats the source's edge.
        """
        back = self.inverse()
        offset_x, offset_y = back.apply(np.array([[0.5, 0.5]]))[0] - 0.5
        warped = cv2.warpAffine(
            np.asarray(pixels, np.float32),
            np.array([[back.xx, back.xy, offset_x], [back.yx, back.yy, offset_y]]),
            (shape[1], shape[0]),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE if fill is None else cv2.BORDER_CONSTANT,
            borderValue=fill or 0.0,
        )
        return np.asarray(warped, np.float32)
