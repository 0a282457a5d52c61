"""Smooth solids in a parallel beam: exact path lengths of each ray, and profiles of their shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import gaussian_filter

from xray.imaging.phantom.physics import Array

TILE = 64  # px; path lengths are computed per tile, with the solids that it contains


@dataclass(frozen=True, eq=False)
class Grid:
    """Coordinates of the pixel centers in mm from the center of the film; z is the direction of the beam.

    Attributes:
        x: (1, W), rightward, or (H, W) in the coordinates of a rotated or mirrored body.
        y: (H, 1), downward.
        pitch: distance of pixels along y.
    """

    x: Array
    y: Array
    pitch: float

    @classmethod
    def over(cls, size: tuple[int, int], height_mm: float) -> Grid:
        """Return the grid of a film of size (H, W) and a height in mm, with square pixels."""
        pitch = height_mm / size[0]
        y, x = (((np.arange(count) + 0.5 - count / 2) * pitch).astype(np.float32) for count in size)
        return cls(x[None, :], y[:, None], pitch)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and columns."""
        return self.y.shape[0], self.x.shape[1]


def profile(positions: Sequence[float], values: Sequence[float]) -> PchipInterpolator:
    """Return a smooth curve through knots, without overshoot."""
    return PchipInterpolator(positions, values)


class Solid(NamedTuple):
    """Entry and exit of each ray in mm along z, float32 (H, W) each; equal where a ray misses the solid."""

    near: Array
    far: Array

    @property
    def hit(self) -> NDArray[np.bool_]:
        """Mask (H, W) of the rays that meet the solid."""
        return self.far > self.near


Part = tuple[Array | float, Solid]  # attenuation in 1/mm, one value or (H, W), and shape


def solid(reach: Array, z: float = 0.0) -> Solid:
    """Return the solid that extends by `reach` (H, W) in mm to both sides of the depth z."""
    return Solid((z - reach).astype(np.float32), (z + reach).astype(np.float32))


def ellipsoid(
    grid: Grid,
    center: tuple[float, float, float],
    semi_axes: tuple[float, float, float],
    tilt: float = 0.0,
    power: float = 2.0,
) -> Solid:
    """Return an ellipsoid, rotated clockwise by `tilt` degrees; a power above 2 gives steeper sides."""
    (x, y, z), (a, b, c) = center, semi_axes
    cos, sin = np.cos(np.radians(tilt)), np.sin(np.radians(tilt))
    along = ((grid.x - x) * cos + (grid.y - y) * sin) / a
    across = ((grid.y - y) * cos - (grid.x - x) * sin) / b
    return solid(c * np.clip(1.0 - np.hypot(along, across) ** power, 0.0, None) ** (1.0 / power), z)


def column(
    grid: Grid,
    x: Array | float,
    half_width: Array,
    half_depth: Array | float,
    z: float = 0.0,
    power: float = 2.0,
) -> Solid:
    """Return a solid with a superellipse as cross-section in each row; empty where the half width is <= 0."""
    across = np.abs(grid.x - x) / np.maximum(half_width, 1e-6)
    return solid(half_depth * np.clip(1.0 - across**power, 0.0, None) ** (1.0 / power), z)


def within(inner: Solid, outer: Solid) -> Solid:
    """Return the part of a solid that lies inside another."""
    near = np.maximum(inner.near, outer.near)
    return Solid(near, np.maximum(near, np.minimum(inner.far, outer.far)))


def trace(parts: Sequence[Part]) -> tuple[Array, Array]:
    """Return the optical depth (H, W) of parts, and the path lengths in each part in mm (n, H, W)."""
    lengths = path_lengths([shape for _, shape in parts])
    optical_depth = np.zeros(lengths.shape[1:], np.float32)
    for (attenuation, _), length in zip(parts, lengths, strict=True):
        optical_depth += attenuation * length
    return optical_depth, lengths


def path_lengths(solids: Sequence[Solid]) -> Array:
    """Return path lengths in mm, float32 (n, H, W); where solids overlap, the last one counts."""
    height, width = solids[0].near.shape
    lengths = np.zeros((len(solids), height, width), np.float32)
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            tile = np.s_[top : top + TILE, left : left + TILE]
            present = [i for i, part in enumerate(solids) if (part.far[tile] > part.near[tile]).any()]
            if present:
                near = np.stack([solids[i].near[tile] for i in present])
                far = np.stack([solids[i].far[tile] for i in present])
                lengths[(present, *tile)] = _cut(near, far)
    return lengths


def _cut(near: Array, far: Array) -> Array:
    """Cut each ray at all entries and exits (n, h, w); a piece belongs to the last solid that contains it."""
    cuts = np.sort(np.concatenate([near, far]), axis=0)
    piece, middle = np.diff(cuts, axis=0), (cuts[1:] + cuts[:-1]) / 2
    lengths = np.empty_like(near)
    for i in reversed(range(len(near))):
        owned = np.where((near[i] < middle) & (middle < far[i]), piece, 0.0)
        lengths[i] = owned.sum(axis=0)
        piece = piece - owned
    return lengths


def mottle(grid: Grid, rng: np.random.Generator, *scales_mm: float) -> Array:
    """Return random texture, float32 (H, W), with mean 0 and standard deviation 1 at each scale."""
    change = np.zeros(grid.shape, np.float32)
    for scale in scales_mm:
        noise = gaussian_filter(rng.standard_normal(grid.shape, np.float32), scale / grid.pitch)
        change += noise / noise.std()
    return change
