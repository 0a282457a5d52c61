"""Model of a chest in PA view whose anatomy varies with the seed, and of an opacity in a lung."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from xray.imaging.phantom.chest_bones import SIDES, ribs, shoulders, spine, vertebral_arches
from xray.imaging.phantom.lungs import BASE, lung, vessels
from xray.imaging.phantom.physics import AIR, CORTICAL_BONE, FAT, LUNG, SOFT_TISSUE, Array
from xray.imaging.phantom.solids import Grid, Part, Solid, column, ellipsoid, mottle, profile, trace, within
from xray.imaging.phantom.tubes import project

HEIGHT_MM = 392.0
TRUNK_WIDTH = profile(
    [-210, -182, -160, -140, -122, -60, -15, 20, 70, 210], [54, 57, 80, 150, 225, 225, 196, 178, 166, 166]
)
TRUNK_DEPTH = profile([-210, -150, -110, -40, 60, 210], [58, 62, 78, 98, 104, 106])
MEDIASTINUM = profile([-210, -140, -100, -70, -20, 40, 210], [26, 20, 25, 26, 30, 33, 33])


class Chest(NamedTuple):
    """The chest as seen by the beam, (H, W) each: optical depth, path length in lung (mm), body mask."""

    optical_depth: Array
    lung: Array
    body: NDArray[np.bool_]


def chest(grid: Grid, rng: np.random.Generator) -> Chest:
    """Build a chest; heart on the right of the image, higher dome of the diaphragm on the left."""
    breadth, heart, lean = rng.normal(1.0, 0.02), rng.normal(1.0, 0.04), rng.normal(0.0, 2.0)
    right_top = rng.normal(50.0, 4.0)
    left_top = right_top + rng.uniform(8.0, 16.0)
    person = Grid(grid.x / np.float32(breadth), grid.y, grid.pitch)

    width, depth = TRUNK_WIDTH(grid.y), TRUNK_DEPTH(grid.y)
    skin = column(person, 0.0, width, depth, power=2.3)
    muscle = column(person, 0.0, width - 11.0, depth - 9.0, power=2.3)
    domes = [
        within(dome(person, side, top), muscle)
        for side, top in zip(SIDES, (right_top, left_top), strict=True)
    ]
    organs: list[Part] = [(FAT, skin), (SOFT_TISSUE, muscle)]
    organs += [(LUNG, lung(person, side)) for side in SIDES]
    organs += [(SOFT_TISSUE, solid) for solid in (*domes, *mediastinum(person, heart))]
    organs += [(AIR, solid) for solid in (*airways(person), stomach_bubble(person, left_top, rng))]
    organs += [spine(person, lean)]

    optical_depth, lengths = trace(organs)
    aerated = lengths[2] + lengths[3]
    bone = project(person, [*ribs(rng), *vertebral_arches(lean), *shoulders(rng)])
    vessel = np.minimum(project(person, vessels(rng)), aerated)
    optical_depth += (CORTICAL_BONE - SOFT_TISSUE) * bone + (SOFT_TISSUE - LUNG) * vessel
    optical_depth += 0.03 * LUNG * aerated * mottle(grid, rng, 1.0, 3.0, 12.0)
    return Chest(optical_depth, aerated, skin.hit)


def dome(grid: Grid, side: int, top: float) -> Solid:
    """Return one dome of the diaphragm with the organs below it."""
    return ellipsoid(grid, (side * 66.0, BASE, 0.0), (73.0, BASE - top, 140.0), power=4.0)


def mediastinum(grid: Grid, heart: float) -> list[Solid]:
    """Return the organs between the lungs; `heart` is the relative size of the heart."""
    ventricles = (74.0 * heart, 47.0 * heart, 48.0)
    return [
        column(grid, 0.0, MEDIASTINUM(grid.y), 62.0),
        column(grid, 17.0, np.where(grid.y > -62.0, 14.0, 0.0), 13.0, z=-45.0),  # descending aorta
        ellipsoid(grid, (22.0, -62.0, 0.0), (19.0, 17.0, 22.0)),  # aortic arch
        ellipsoid(grid, (24.0, -26.0, 15.0), (19.0, 24.0, 22.0)),  # pulmonary trunk
        ellipsoid(grid, (-14.0, 34.0, 20.0), (30.0, 44.0, 38.0)),  # right atrium
        ellipsoid(grid, (30.0, 44.0, 25.0), ventricles, tilt=40.0, power=2.4),
    ]


def airways(grid: Grid) -> list[Solid]:
    """Return the trachea and the two main bronchi."""
    return [
        column(grid, -1.0, np.where(grid.y < -48.0, 8.0, 0.0), 8.0),
        ellipsoid(grid, (-14.0, -38.0, 0.0), (20.0, 6.0, 6.0), tilt=125.0),
        ellipsoid(grid, (15.0, -40.0, 0.0), (23.0, 5.5, 5.5), tilt=35.0),
    ]


def stomach_bubble(grid: Grid, dome_top: float, rng: np.random.Generator) -> Solid:
    """Return the gas bubble of the stomach below the left dome of the diaphragm."""
    center = (rng.uniform(55.0, 80.0), dome_top + 24.0, 30.0)
    return ellipsoid(grid, center, (rng.uniform(16.0, 28.0), 10.0, 22.0), tilt=8.0)


def opacity(grid: Grid, aerated: Array, rng: np.random.Generator) -> Array:
    """Return the path length (H, W) in mm that an irregular opacity of 2 to 5 cm fills at a random place."""
    radius = rng.uniform(14.0, 22.0)
    room = distance_transform_edt(aerated > 60.0) * grid.pitch
    rows, columns = np.nonzero(room >= min(1.25 * radius, room.max()))
    place = rng.integers(len(rows))
    x, y = grid.x[0, columns[place]], grid.y[rows[place], 0]
    filled = np.zeros(grid.shape, np.float32)
    for angle in rng.uniform(0.0, 2 * np.pi, 7):
        lump, away = radius * rng.uniform(0.4, 0.7), radius * rng.uniform(0.2, 0.55)
        distance = np.hypot(grid.x - x - away * np.cos(angle), grid.y - y - away * np.sin(angle)) / lump
        filled += 1.5 * lump * np.clip(1.0 - distance**2, 0.0, None)
    return np.minimum(filled, aerated)
