"""Curved tubes in a parallel beam, such as ribs and vessels, projected as points."""

from __future__ import annotations

from collections import defaultdict
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

    def slices(self, spacing: float) -> Array:
        """Return slices about `spacing` mm apart, (n, 8): center, facing, breadth and thickness of each."""
        path = np.asarray(self.path, float)
        arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
        count = int(np.ceil(arc[-1] / spacing)) + 1
        s = (np.arange(count) + 0.5) / count
        position = s * arc[-1]

        def along(values: ArrayLike, columns: int) -> Array:
            given = np.asarray(values, float)
            if given.ndim == (columns > 1):
                return given.reshape(1, -1)
            knots = given.reshape(len(path), -1)
            if len(path) == 2:  # most tubes: numpy.interp is slow on two points
                return position[:, None] * ((knots[1] - knots[0]) / arc[-1]) + knots[0]
            return np.stack([np.interp(position, arc, knot) for knot in knots.T], axis=1)

        sliced = np.empty((count, 8))
        sliced[:, :3], sliced[:, 3:6] = along(path, 3), along(self.facing, 3)
        rounding = np.sqrt(1.0 - np.abs(2.0 * s - 1.0) ** 16)[:, None]
        sliced[:, 6:7], sliced[:, 7:] = along(self.breadth, 1) * rounding, along(self.thickness, 1) * rounding
        return sliced


def points(tubes: Sequence[Tube], spacing: float) -> tuple[Array, Array]:
    """Return points about `spacing` mm apart that fill tubes: x and y (m, 2), and volumes (m)."""
    alike: defaultdict[tuple[int, int, float, float], dict[int, Array]] = defaultdict(dict)
    for number, tube in enumerate(tubes):
        sliced = tube.slices(spacing)
        seeds = int(np.ceil(2.0 * sliced[:, 6].max() * sliced[:, 7].max() / spacing**2)) + 4
        alike[len(sliced), seeds, tube.core, tube.wall][number] = sliced
    filled: dict[int, tuple[Array, Array]] = {}
    for (_, seeds, core, wall), group in alike.items():  # together, since the arrays of one tube are short
        xy, volumes = _fill(np.stack(list(group.values())), seeds, core, wall)
        filled |= zip(group, zip(xy, volumes, strict=True), strict=True)
    in_order = [filled[number] for number in range(len(tubes))]
    return np.concatenate([xy for xy, _ in in_order]), np.concatenate([volumes for _, volumes in in_order])


def _fill(slices: Array, seeds: int, core: float, wall: float) -> tuple[Array, Array]:
    """Fill tubes, (n, slices, 8) as of Tube.slices: x and y (n, m, 2), and volumes (n, m)."""
    middle, facing, breadth, thickness = np.split(slices, (3, 6, 7), axis=-1)
    step = np.gradient(middle, axis=1)
    sideways = _normal(step, facing)
    outward = _normal(sideways, step)

    # a sunflower pattern covers the ellipse evenly; its rotation per slice avoids rows
    radius = np.sqrt((np.arange(seeds) + 0.5) / seeds)
    angle = np.arange(seeds) * GOLDEN_ANGLE + np.arange(slices.shape[1])[:, None]
    xy = (
        middle[..., None, :2]
        + (radius * np.cos(angle) * breadth)[..., None] * sideways[..., None, :2]
        + (radius * np.sin(angle) * thickness)[..., None] * outward[..., None, :2]
    )
    volume = np.pi * breadth * thickness * np.linalg.norm(step, axis=-1, keepdims=True) / seeds
    volume = volume * np.where(radius > 1.0 - wall, 1.0, core)
    return xy.reshape(len(slices), -1, 2), volume.reshape(len(slices), -1)


def _normal(a: Array, b: Array) -> Array:
    """Unit vectors (..., 3) perpendicular to a and b; numpy.cross is several times slower on short arrays."""
    (ax, ay, az), (bx, by, bz) = np.moveaxis(a, -1, 0), np.moveaxis(b, -1, 0)
    normal = np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=-1)
    return normal / np.sqrt((normal**2).sum(axis=-1, keepdims=True))


def project(grid: Grid, tubes: Sequence[Tube]) -> Array:
    """Return the path length of each ray in the tubes in mm, relative to the walls' density, float32 (H, W).

    The volume of each point is distributed over its four nearest pixels and divided by the pixel area.
    """
    xy, volume = points(tubes, grid.pitch)
    height, width = grid.shape
    x_pitch = float(grid.x[0, -1] - grid.x[0, 0]) / (width - 1)
    column = (xy[:, 0] - grid.x[0, 0]) / x_pitch + 1.0  # on a film with a margin of one pixel
    row = (xy[:, 1] - grid.y[0, 0]) / grid.pitch + 1.0
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
