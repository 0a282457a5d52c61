"""Model of a forearm in AP view whose anatomy varies with the seed, and of a fracture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xray.imaging.phantom.physics import CORTICAL_BONE, FAT, SOFT_TISSUE, Array, spongy_bone
from xray.imaging.phantom.solids import Grid, Part, column, ellipsoid, mottle, profile, trace

HEIGHT_MM = 270.0
SKIN_WIDTH = profile([-140, -80, -20, 30, 60, 80, 105, 140], [45, 43, 38, 32.5, 31, 34, 43, 57])
SKIN_DEPTH = profile([-140, -80, -20, 30, 60, 90, 140], [32, 31, 28, 25, 23.5, 21, 18])
CARPALS = (  # x, y, half length, half breadth, tilt
    (-19, 87, 10.5, 7.0, 50),
    (-5, 83, 8.5, 7.5, 15),
    (9, 85, 8.5, 6.5, -35),
    (14, 88, 4.5, 4.5, 0),
    (-25, 102, 8.0, 7.0, 40),
    (-14, 103, 6.5, 6.5, 0),
    (-3, 98, 7.5, 11.0, 5),
    (10, 99, 8.0, 9.5, 20),
)
METACARPALS = (  # x and y of the base, slant
    (-31, 108, -0.6),
    (-16, 111, -0.16),
    (-4, 112, -0.02),
    (7, 111, 0.12),
    (16, 109, 0.27),
)


@dataclass(frozen=True, eq=False)
class LongBone:
    """A long bone along y.

    Attributes:
        axis: x of the axis in mm, as a function of y.
        half_width: half width in mm, as a function of y.
        cortex: thickness of the cortex in mm, as a function of y.
        end: y of the distal end in mm.
        slope: slope of the end surface.
    """

    axis: Callable[[Array], Array]
    half_width: Callable[[Array], Array]
    cortex: Callable[[Array], Array]
    end: float
    slope: float


RADIUS = LongBone(
    axis=profile([-150, -30, 80], [-8, -17, -10]),
    half_width=profile([-140, -60, -10, 30, 52, 66, 84], [7.6, 7.6, 7.8, 9, 12.5, 15.6, 16.6]),
    cortex=profile([-140, -20, 20, 45, 65, 84], [2.6, 3.1, 2.4, 1.2, 0.7, 0.7]),
    end=74.0,
    slope=0.22,
)
ULNA = LongBone(
    axis=profile([-150, -50, 80], [15, 11, 17.5]),
    half_width=profile([-140, -100, -30, 30, 52, 64, 80], [11, 9, 7, 5.6, 5.6, 7.6, 8.2]),
    cortex=profile([-140, 0, 40, 60, 80], [3.0, 2.6, 1.7, 0.8, 0.7]),
    end=67.0,
    slope=-0.3,
)


@dataclass(frozen=True, eq=False)
class Fracture:
    """An oblique gap through one bone, distal to which the shaft is displaced; lengths in mm.

    Attributes:
        bone: the broken bone.
        past: signed distance (H, W) from the fracture line, positive on the distal side.
        gap: width of the gap.
        step: displacement at the fracture line.
        reach: distance over which the displacement decreases to 0.
    """

    bone: LongBone
    past: Array
    gap: float
    step: float
    reach: float = 10.0

    @property
    def left(self) -> Array:
        """Remaining fraction of the bone's thickness, (H, W)."""
        return np.clip(np.abs(self.past) / (self.gap / 2), 0.0, 1.0) ** 2

    @property
    def offset(self) -> Array:
        """Displacement of the shaft along x in mm, (H, W)."""
        return np.where(
            self.past > 0.0, self.step * np.clip(1.0 - self.past / self.reach, 0.0, 1.0) ** 2, 0.0
        )

    def mask(self, grid: Grid) -> NDArray[np.bool_]:
        """Return the mask (H, W) in which the fracture changes the bone."""
        before, after = long_bone(grid, self.bone)[0][1], long_bone(grid, self.bone, self)[0][1]
        return (before.hit | after.hit) & (self.past > -self.gap / 2) & (self.past < self.reach)


class Limb(NamedTuple):
    """The limb as seen by the beam, (H, W) each: optical depth, mask of the long bones, body mask."""

    optical_depth: Array
    bone: NDArray[np.bool_]
    body: NDArray[np.bool_]


def pose(grid: Grid, rng: np.random.Generator, left: bool | None) -> Grid:
    """Return the coordinates of a left or right arm (None: random), slightly rotated, thumb at x < 0."""
    by_chance, lean, shift = rng.choice([-1, 1]), rng.uniform(-0.03, 0.03), rng.uniform(-4.0, 4.0)
    side = by_chance if left is None else -1 if left else 1
    return Grid(side * (grid.x - lean * grid.y - shift), grid.y, grid.pitch)


def limb(grid: Grid, rng: np.random.Generator, fracture: Fracture | None) -> Limb:
    """Build a forearm with the hand at the bottom of the film."""
    girth, fat = rng.uniform(0.93, 1.07), rng.uniform(3.5, 5.0)
    width, depth = girth * SKIN_WIDTH(grid.y), girth * SKIN_DEPTH(grid.y)
    bones = [*long_bone(grid, RADIUS, fracture), *long_bone(grid, ULNA, fracture), *wrist(grid)]
    skin = column(grid, 0.0, width, depth, power=2.5)
    muscle = column(grid, 0.0, width - fat, depth - fat, power=2.5)
    optical_depth, lengths = trace([(FAT, skin), (SOFT_TISSUE, muscle), *bones])
    optical_depth += 0.012 * SOFT_TISSUE * lengths[1] * mottle(grid, rng, 1.5, 8.0)
    optical_depth += 0.025 * CORTICAL_BONE * lengths[3::2].sum(axis=0) * mottle(grid, rng, 0.35)
    return Limb(optical_depth, lengths[2:6].sum(axis=0) > 0.0, skin.hit)


def long_bone(grid: Grid, bone: LongBone, fracture: Fracture | None = None) -> list[Part]:
    """Return cortex and marrow; trabeculae are denser where the cortex is thinner."""
    axis, half_width, cortex = bone.axis(grid.y), bone.half_width(grid.y), bone.cortex(grid.y)
    end = bone.end - bone.slope * (grid.x - axis) + 2.5 * ((grid.x - axis) / half_width) ** 2
    whole, hollow = (np.sqrt(np.clip((end - shell - grid.y) / 2.5, 0.0, 1.0)) for shell in (0.0, 0.9))
    if fracture is not None and fracture.bone is bone:
        axis = axis + fracture.offset
        whole, hollow = whole * fracture.left, hollow * fracture.left
    marrow = np.interp(cortex, [0.7, 1.5, 2.2], [spongy_bone(0.32), spongy_bone(0.16), spongy_bone(0.0)])
    half_depth = 0.85 * half_width
    return [
        (CORTICAL_BONE, column(grid, axis, half_width, half_depth * whole)),
        (marrow, column(grid, axis, half_width - cortex, (half_depth - cortex) * hollow)),
    ]


def wrist(grid: Grid) -> list[Part]:
    """Return the carpal bones and the bases of the metacarpals."""
    parts: list[Part] = []
    for x, y, a, b, tilt in CARPALS:
        for attenuation, shell in ((CORTICAL_BONE, 0.0), (spongy_bone(0.4), 0.8)):
            semi_axes = (a - shell, b - shell, 8.0 - shell)
            parts.append((attenuation, ellipsoid(grid, (x, y, 0.0), semi_axes, tilt, power=2.6)))
    for x, y, slant in METACARPALS:
        down = grid.y - y
        flare = np.exp(-np.clip(down, 0.0, None) / 8.0)
        half_width, cortex = (4.4 + 2.4 * flare) * np.hypot(1.0, slant), 1.8 - 1.2 * flare
        axis = x + slant * down
        closed = np.sqrt(np.clip((down + slant * (grid.x - axis)) / 2.0, 0.0, 1.0))
        for attenuation, shell in ((CORTICAL_BONE, 0.0), (spongy_bone(0.2), cortex)):
            parts.append((attenuation, column(grid, axis, half_width - shell, (6.0 - shell) * closed)))
    return parts


def fracture_somewhere(grid: Grid, rng: np.random.Generator) -> Fracture:
    """Return a fracture of the shaft of radius or ulna, at a random height and angle."""
    bone = (RADIUS, ULNA)[rng.integers(2)]
    height, degrees = rng.uniform(-70.0, 30.0), rng.choice([-1, 1]) * rng.uniform(15.0, 35.0)
    slant = np.tan(np.radians(degrees))
    teeth = np.interp(grid.x, np.linspace(-80.0, 80.0, 90), rng.uniform(-0.5, 0.5, 90))
    past = (grid.y - height - slant * (grid.x - bone.axis(grid.y)) - teeth) / np.hypot(1.0, slant)
    return Fracture(bone, past, gap=rng.uniform(2.2, 3.0), step=rng.choice([-1, 1]) * rng.uniform(1.0, 2.2))
