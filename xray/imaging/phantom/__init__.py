"""Simulated radiographs: a chest and a forearm computed by X-ray physics, with true masks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Literal

import numpy as np

from xray.imaging.phantom import chest, limb
from xray.imaging.phantom.film import Examination, Phantom, Scene, generators, take
from xray.imaging.phantom.physics import IDEAL, LUNG, SOFT_TISSUE, Exposure, FilmCurve
from xray.imaging.phantom.solids import Grid

__all__ = [
    "IDEAL",
    "Exposure",
    "Phantom",
    "PhantomRecipe",
    "SimulatedSample",
    "chest_phantom",
    "limb_phantom",
    "simulated_samples",
]

CHEST = Examination("chest", "PA", "Opacity", Exposure(20_000.0, 0.35), FilmCurve(middle=2.25, latitude=0.85))
LIMB = Examination(
    "forearm", "AP", "Fracture", Exposure(20_000.0, 0.22), FilmCurve(middle=1.25, latitude=0.33)
)

DIM_CHEST, DIM_LIMB = (
    replace(usual.exposure, photons=photons) for usual, photons in ((CHEST, 500.0), (LIMB, 1500.0))
)


def chest_phantom(
    seed: int,
    finding: bool = False,
    marker: str | None = None,
    size: tuple[int, int] = (512, 512),
    exposure: Exposure | None = None,
) -> Phantom:
    """Simulate a PA chest radiograph, 392 mm high.

    Args:
        seed: Seed of the anatomy; the same seed gives the same chest with and without finding and marker.
        finding: Whether to add an opacity.
        marker: "L" or "R", or None for no marker.
        size: (H, W) in px.
        exposure: Exposure of the film; None for the usual one.

    Raises:
        ValueError: For another marker.
    """
    anatomy, place, noise = generators(seed)
    grid = Grid.over(size, chest.HEIGHT_MM)
    body = chest.chest(grid, anatomy)
    filled = chest.opacity(grid, body.lung, place) if finding else np.zeros(grid.shape, np.float32)
    optical_depth = body.optical_depth + (SOFT_TISSUE - LUNG) * filled
    scene = Scene(optical_depth, filled > 0.0, body.lung > 0.0, body.body)
    return take(scene, grid, CHEST, marker, exposure, noise)


def limb_phantom(
    seed: int,
    finding: bool = False,
    marker: str | None = None,
    size: tuple[int, int] = (640, 384),
    exposure: Exposure | None = None,
) -> Phantom:
    """Simulate an AP forearm radiograph, 270 mm high.

    Args:
        seed: Seed of the anatomy; the same seed gives the same arm with and without finding and marker.
        finding: Whether to add a fracture.
        marker: "L" or "R", which also determines the side of the arm; None for no marker and a random side.
        size: (H, W) in px.
        exposure: Exposure of the film; None for the usual one.

    Raises:
        ValueError: For another marker.
    """
    anatomy, place, noise = generators(seed)
    grid = Grid.over(size, limb.HEIGHT_MM)
    arm = limb.pose(grid, anatomy, left=None if marker is None else marker == "L")
    fracture = limb.fracture_somewhere(arm, place) if finding else None
    body = limb.limb(arm, anatomy, fracture)
    broken = fracture.mask(arm) if fracture else np.zeros(grid.shape, bool)
    scene = Scene(body.optical_depth, broken, body.bone | broken, body.body)
    return take(scene, grid, LIMB, marker, exposure, noise)


@dataclass(frozen=True)
class PhantomRecipe:
    """Parameters of a phantom; dim: underexposed, with at most a tenth of the usual photons."""

    body: Literal["chest", "forearm"]
    seed: int
    finding: bool
    marker: str | None = None
    dim: bool = False

    def make(self) -> Phantom:
        """Create the phantom."""
        phantom, dim = (chest_phantom, DIM_CHEST) if self.body == "chest" else (limb_phantom, DIM_LIMB)
        return phantom(self.seed, self.finding, self.marker, exposure=dim if self.dim else None)


@dataclass(frozen=True)
class SimulatedSample:
    """A named simulated radiograph; build() computes it once in a process."""

    id: str
    title: str
    kind: Literal["chest", "limb"]
    build: Callable[[], Phantom]


SAMPLES = (
    SimulatedSample("simulated-chest", "Simulated chest", "chest", cache(partial(chest_phantom, 1))),
    SimulatedSample(
        "simulated-chest-opacity",
        "Simulated chest with an opacity",
        "chest",
        cache(partial(chest_phantom, 2, finding=True)),
    ),
    SimulatedSample(
        "simulated-chest-opacity-marker-l",
        "Simulated chest with an opacity and a lead marker",
        "chest",
        cache(partial(chest_phantom, 3, finding=True, marker="L")),
    ),
    SimulatedSample("simulated-forearm", "Simulated forearm", "limb", cache(partial(limb_phantom, 1))),
    SimulatedSample(
        "simulated-forearm-fracture",
        "Simulated forearm with a fracture",
        "limb",
        cache(partial(limb_phantom, 2, finding=True)),
    ),
)


def simulated_samples() -> tuple[SimulatedSample, ...]:
    """Return the simulated samples; the name of each radiograph is the id of its sample + ".png"."""
    return SAMPLES
