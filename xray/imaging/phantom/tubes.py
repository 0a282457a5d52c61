"""Curved tubes in a parallel beam, such as ribs and vessels, projected as points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from xray.imaging.phantom.physics import Array
from xray.imaging.phantom.solids import Grid

GOLDEN_ANGLE = np.pi * (3.0 - np.sqrt(5.0))
ALONG_BEAM = (0.0, 0.0, 1.0)


@dataclass(frozen=True, eq=False)
class Tube:
    """A tube with rounded ends and an elliptical cross-section; lengths in mm.

    Attributes:
        path: points of the axis, (n, 3).
        breadth: semi-axis perpendicular to `facing`, a scalar or (n).
        thickness: semi-axis toward `facing`, a scalar or (n).
        facing: direction, (3) or (n, 3).
        core: density of the core relative to the wall.
        wall: thickness of the wall as a share of the radius, in [0, 1].
    """

    path: ArrayLike
    breadth: ArrayLike
    thickness: ArrayLike
    facing: ArrayLike = ALONG_BEAM
    core: float = 1.0
    wall: float = 0.0

    def points(self, spacing: float) -> tuple[Array, Array]:
        """Return points about `spacing` mm apart that fill the tube: x and y (m, 2), and volumes (m)."""
        path = np.asarray(self.path, float)
        arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
        slices = int(np.ceil(arc[-1] / spacing)) + 1
        s = (np.arange(slices) + 0.5) / slices
        position = s * arc[-1]

        def along(values: ArrayLike, *shape: int) -> Array:
            given = np.asarray(values, float)
            if given.ndim == len(shape):
                return given.reshape(1, -1)
            knots = given.reshape(len(path), -1)
            if len(path) == 2:  # most tubes: numpy.interp is slow on two points
                return position[:, None] * ((knots[1] - knots[0]) / arc[-1]) + knots[0]
            return np.stack([np.interp(position, arc, knot) for knot in knots.T], axis=1)

        middle, facing = along(path, 3), along(self.facing, 3)
        rounding = np.sqrt(1.0 - np.abs(2.0 * s - 1.0) ** 16)[:, None]
        breadth, thickness = along(self.breadth) * rounding, along(self.thickness) * rounding
        step = np.gradient(middle, axis=0)
        sideways = _normal(step, facing)
        outward = _normal(sideways, step)

        # a sunflower pattern covers the ellipse evenly; its rotation per slice avoids rows
        seeds = int(np.ceil(2.0 * breadth.max() * thickness.max() / spacing**2)) + 4
        radius = np.sqrt((np.arange(seeds) + 0.5) / seeds)
        angle = np.arange(seeds) * GOLDEN_ANGLE + np.arange(slices)[:, None]
        points = (
            middle[:, None, :2]
            + (radius * np.cos(angle) * breadth)[..., None] * sideways[:, None, :2]
            + (radius * np.sin(angle) * thickness)[..., None] * outward[:, None, :2]
        )
        volume = np.pi * breadth * thickness * np.linalg.norm(step, axis=1, keepdims=True) / seeds
        return points.reshape(-1, 2), (volume * np.where(radius > 1.0 - self.wall, 1.0, self.core)).ravel()


def _normal(a: Array, b: Array) -> Array:
    """Unit vectors (n, 3) perpendicular to a and b; numpy.cross is several times slower on short arrays."""
    (ax, ay, az), (bx, by, bz) = a.T, b.T
    normal = np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=1)
    return normal / np.sqrt((normal**2).sum(axis=1, keepdims=True))


def project(grid: Grid, tubes: Sequence[Tube]) -> Array:
    """Return the path length of each ray in the tubes in mm, relative to the walls' density, float32 (H, W).

    The volume of each point is distributed over its four nearest pixels and divided by the pixel area.
    """
    filled = [tube.points(grid.pitch) for tube in tubes]
    points, volume = (np.concatenate(parts) for parts in zip(*filled, strict=True))
    height, width = grid.shape
    x_pitch = float(grid.x[0, -1] - grid.x[0, 0]) / (width - 1)
    column = (points[:, 0] - grid.x[0, 0]) / x_pitch + 1.0  # on a film with a margin of one pixel
    row = (points[:, 1] - grid.y[0, 0]) / grid.pitch + 1.0
    on_film = (column >= 0) & (column < width + 1) & (row >= 0) & (row < height + 1)
    column, row, volume = column[on_film], row[on_film], volume[on_film]
    left, top = column.astype(int), row.astype(int)
    right_share, lower_share = column - left, row - top
    upper, lower = volume * (1.0 - lower_share), volume * lower_share
    film = np.zeros((height + 2) * (width + 2))
    for offset, share in (
        (0, upper * (1.0 - right_share)),
        (1, upper * right_share),
        (width + 2, lower * (1.0 - right_share)),
        (width + 3, lower * right_share),
    ):
        film += np.bincount(top * (width + 2) + left + offset, share, minlength=film.size)
    mm = film.reshape(height + 2, width + 2)[1:-1, 1:-1] / (x_pitch * grid.pitch)
    return mm.astype(np.float32)
