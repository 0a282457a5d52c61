"""Simulated radiographs, always at hand: a chest and a forearm computed by X-ray physics, with true masks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
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
    "SimulatedSample",
    "chest_phantom",
    "limb_phantom",
    "simulated_samples",
]

CHEST = Examination("chest", "PA", "Opacity", Exposure(20_000.0, 0.35), FilmCurve(middle=2.25, latitude=0.85))
LIMB = Examination(
    "forearm", "AP", "Fracture", Exposure(20_000.0, 0.22), FilmCurve(middle=1.25, latitude=0.33)
)


def chest_phantom(
    seed: int,
    finding: bool = False,
    marker: str | None = None,
    size: tuple[int, int] = (512, 512),
    exposure: Exposure | None = None,
) -> Phantom:
    """A chest (PA) on a film of size (H, W), 392 mm high, with an opacity and a marker on request.

    The same seed gives the same chest with and without them. Raises ValueError for a marker but "L" or "R".
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
    """A forearm (AP) on a film of size (H, W), 270 mm high, with a fracture and a marker on request.

    The same seed gives the same arm with and without them, mirrored where the marker, "L" or "R", says so.
    Raises ValueError for another.
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
class SimulatedSample:
    """A simulated radiograph offered by name; build() computes it in about a second."""

    id: str
    title: str
    kind: Literal["chest", "limb"]
    build: Callable[[], Phantom]


SAMPLES = (
    SimulatedSample("simulated-chest", "Simulated chest", "chest", partial(chest_phantom, 1)),
    SimulatedSample(
        "simulated-chest-opacity",
        "Simulated chest with an opacity",
        "chest",
        partial(chest_phantom, 2, finding=True),
    ),
    SimulatedSample(
        "simulated-chest-opacity-marker-l",
        "Simulated chest with an opacity and a lead marker",
        "chest",
        partial(chest_phantom, 3, finding=True, marker="L"),
    ),
    SimulatedSample("simulated-forearm", "Simulated forearm", "limb", partial(limb_phantom, 1)),
    SimulatedSample(
        "simulated-forearm-fracture",
        "Simulated forearm with a fracture",
        "limb",
        partial(limb_phantom, 2, finding=True),
    ),
)


def simulated_samples() -> tuple[SimulatedSample, ...]:
    """The simulated radiographs that a page offers; a radiograph is named its sample's id + ".png"."""
    return SAMPLES
