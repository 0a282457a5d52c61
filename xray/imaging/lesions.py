"""Lesions with a known place, inserted into radiographs as additional attenuation.

In a film whose gray value is 1 - transmission, a lesion of optical density d multiplies the transmission by
exp(-d) (Beer-Lambert law). Profiles vary in shape, edge and texture, so that a network that is trained with
them cannot rely on one appearance; `disc` is reserved for tests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xray.errors import InvalidRequest
from xray.registry import Registry
from xray.types import Pixels

LUNGS = ((0.18, 0.42), (0.58, 0.82))  # left and right edges of both lungs on a frontal film, as shares
HEIGHT = (0.18, 0.72)  # upper and lower edge of the lungs
EDGE = 0.25  # part of the highest density that a pixel of the lesion's region has at least


@dataclass(frozen=True)
class Placement:
    """Where a lesion lies.

    Attributes:
        shape: Height and width of the film in px.
        center: Row and column in px.
        radius: In px.
    """

    shape: tuple[int, int]
    center: tuple[float, float]
    radius: float

    def offsets(self) -> tuple[Pixels, Pixels]:
        """Rows and columns (H, 1), (1, W) of all pixels from the center, in radii."""
        rows, columns = (
            (np.arange(length, dtype=np.float32) - middle) / self.radius
            for length, middle in zip(self.shape, self.center, strict=True)
        )
        return rows[:, None], columns[None, :]


Profile = Callable[[Placement, np.random.Generator], Pixels]  # relative density (H, W) in [0, 1]


@dataclass(frozen=True)
class Kind:
    """A kind of lesion.

    Attributes:
        profile: Its relative density.
        radius: Range of the radius as a share of the film's width.
        density: Range of the highest optical density.
    """

    profile: Profile
    radius: tuple[float, float]
    density: tuple[float, float]


LESIONS = Registry[Kind]("lesion", InvalidRequest)


@dataclass(frozen=True, eq=False)
class Lesion:
    """A lesion of a film.

    Attributes:
        kind: Name in LESIONS.
        density: Optical density (H, W).
    """

    kind: str
    density: Pixels

    def on(self, pixels: Pixels) -> Pixels:
        """Insert the lesion into a film (H, W) in [0, 1], bright where dense."""
        return (1 - (1 - pixels) * np.exp(-self.density)).astype(np.float32)

    @property
    def region(self) -> NDArray[np.bool_]:
        """Pixels (H, W) that have at least a quarter of the highest density."""
        return self.density > EDGE * self.density.max()


def lesion(kind: str, placement: Placement, density: float, generator: np.random.Generator) -> Lesion:
    """Build a lesion.

    Args:
        kind: Name in LESIONS.
        placement: Where it lies.
        density: Highest optical density.
        generator: Source of its shape and texture.

    Raises:
        InvalidRequest: For an unknown kind.
    """
    return Lesion(kind, density * LESIONS[kind].profile(placement, generator))


def random_lesion(shape: tuple[int, int], kinds: Sequence[str], generator: np.random.Generator) -> Lesion:
    """Build a lesion of one of several kinds in one lung of a frontal chest film (H, W).

    Args:
        shape: Height and width of the film in px.
        kinds: Names in LESIONS.
        generator: Source of all random numbers.
    """
    height, width = shape
    kind = str(generator.choice(list(kinds)))
    left, right = LUNGS[int(generator.integers(2))]
    center = generator.uniform(*HEIGHT) * height, generator.uniform(left, right) * width
    radius = generator.uniform(*LESIONS[kind].radius) * width
    return lesion(
        kind, Placement(shape, center, radius), generator.uniform(*LESIONS[kind].density), generator
    )


def _smooth_noise(shape: tuple[int, int], cells: int, generator: np.random.Generator) -> Pixels:
    """Noise (H, W) in about [-1, 1] that varies over a number of cells per side."""
    coarse = generator.uniform(-1, 1, (cells, cells)).astype(np.float32)
    return np.clip(cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC), -1, 1)


def _falling(distance: Pixels, softness: float) -> Pixels:
    """1 inside a distance of 1, falling to 0 over a margin, by the smoothstep polynomial."""
    inside = np.clip((1 + softness / 2 - distance) / softness, 0, 1)
    return (inside * inside * (3 - 2 * inside)).astype(np.float32)


def _distance(placement: Placement, generator: np.random.Generator, *, aspect: float, lobes: float) -> Pixels:
    """Distance (H, W) from the center in radii, of a turned ellipse with an irregular edge."""
    rows, columns = placement.offsets()
    angle, stretch = generator.uniform(0, np.pi), generator.uniform(1 / aspect, aspect) ** 0.5
    along = (columns * np.cos(angle) + rows * np.sin(angle)) * stretch
    across = (rows * np.cos(angle) - columns * np.sin(angle)) / stretch
    cells = max(4, round(1.6 * max(placement.shape) / placement.radius))
    return np.hypot(along, across) * (1 + lobes * _smooth_noise(placement.shape, min(cells, 64), generator))


def _softened(profile: Pixels, deviation: float) -> Pixels:
    return np.asarray(cv2.GaussianBlur(profile, (0, 0), deviation), np.float32)


def _consolidation(placement: Placement, generator: np.random.Generator) -> Pixels:
    distance = _distance(placement, generator, aspect=1.9, lobes=generator.uniform(0.1, 0.4))
    profile = _falling(distance, generator.uniform(0.4, 1.4))
    texture = 1 + generator.uniform(0, 0.5) * _smooth_noise(
        placement.shape, int(generator.integers(16, 64)), generator
    )
    return np.asarray(np.clip(profile * texture, 0, 1.5) / 1.5, np.float32)


def _nodule(placement: Placement, generator: np.random.Generator) -> Pixels:
    distance = _distance(placement, generator, aspect=1.3, lobes=generator.uniform(0, 0.15))
    chord = np.sqrt(np.clip(1 - distance**2, 0, 1))
    return _softened(chord, max(0.08 * placement.radius, 0.5))


def _mass(placement: Placement, generator: np.random.Generator) -> Pixels:
    distance = _distance(placement, generator, aspect=1.5, lobes=generator.uniform(0.1, 0.35))
    chord = np.clip(1 - distance**2, 0, 1) ** generator.uniform(0.25, 0.6)
    return _softened(chord, max(0.1 * placement.radius, 0.7))


def _effusion(placement: Placement, generator: np.random.Generator) -> Pixels:
    """Fluid in the lower part of one hemithorax; the radius is its height, the surface a meniscus."""
    height, width = placement.shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    left, right = LUNGS[int(placement.center[1] > width / 2)]
    outer, inner = (left, right) if left < 0.5 else (right, left)
    lateral = (columns / width - inner) / (outer - inner)  # 0 at the heart, 1 at the chest wall
    surface = 0.86 * height - placement.radius * (0.5 + generator.uniform(0.5, 1.5) * lateral**2)
    depth = (rows - surface) / (generator.uniform(0.06, 0.2) * height)
    sides = _falling(np.abs(lateral - 0.5) * 1.9, 0.3)
    bottom = _falling(rows / (0.9 * height), 0.06)
    return np.asarray(np.clip(depth, 0, 1) * sides * bottom, np.float32)


def _disc(placement: Placement, generator: np.random.Generator) -> Pixels:
    rows, columns = placement.offsets()
    return _falling(np.hypot(rows, columns), 0.5)


LESIONS.add("consolidation", Kind(_consolidation, (0.06, 0.17), (0.2, 0.9)))
LESIONS.add("nodule", Kind(_nodule, (0.022, 0.06), (0.3, 1.0)))
LESIONS.add("mass", Kind(_mass, (0.06, 0.14), (0.3, 1.1)))
LESIONS.add("effusion", Kind(_effusion, (0.08, 0.3), (0.5, 1.6)))
LESIONS.add("disc", Kind(_disc, (0.14, 0.14), (0.3567, 0.3567)))  # 0.3 of what is left to white
