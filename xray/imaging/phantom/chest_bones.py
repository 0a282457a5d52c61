"""Bones of the chest: ribs, spine, clavicles, scapulae; lengths in mm."""

from __future__ import annotations

import numpy as np

from xray.imaging.phantom.lungs import lung_outline
from xray.imaging.phantom.physics import SOFT_TISSUE, Array, spongy_bone
from xray.imaging.phantom.solids import Grid, Part, column
from xray.imaging.phantom.tubes import Tube

SIDES = (-1, 1)  # left of the image (right of the body), right of the image
VERTEBRA = 22.0  # height of a vertebra with its disc
SIDEWAYS = (1.0, 0.0, 0.0)


def ribs(rng: np.random.Generator) -> list[Tube]:
    """Return eleven pairs of ribs, each a path from the spine around the lung to the front."""
    slope = rng.normal(1.0, 0.03)
    return [_rib(number, side, slope) for number in range(11) for side in SIDES]


def _rib(number: int, side: int, slope: float) -> Tube:
    front = np.interp(number, [0, 1, 5, 8, 10], [130, 140, 148, 138, 112])
    drop = slope * np.interp(number, [0, 2, 5, 10], [26, 60, 98, 92])
    turn = np.radians(np.linspace(9, front, 60))
    s = turn / turn[-1]
    y = -134.0 + 21.5 * number - 7.0 * np.sin(np.pi * np.clip(turn / 1.2, 0.0, 1.0)) + drop * s**1.6
    _, lung_width, lung_depth = lung_outline(y)
    x = side * (np.maximum(lung_width, 52.0) + 4.0) * np.sin(turn)
    return Tube(
        path=np.stack([x, y, -(lung_depth + 7.0) * np.cos(turn)], axis=1),
        breadth=np.interp(s, [0.0, 0.2, 0.7, 1.0], [5.5, 6.6, 6.6, 7.2]),
        thickness=np.interp(s, [0.0, 0.5, 0.75, 1.0], [5.2, 4.8, 3.2, 1.6]),
        facing=np.stack([side * np.sin(turn), np.zeros_like(turn), -np.cos(turn)], axis=1),
        core=0.3,
        wall=0.3,
    )


def spine(grid: Grid, lean: float) -> Part:
    """Return the vertebral bodies, denser at their end plates, with discs; `lean`: lateral bend in mm."""
    from_disc = VERTEBRA * np.abs((grid.y / VERTEBRA + 0.5) % 1.0 - 0.5)
    plate, body = spongy_bone(0.36), spongy_bone(0.2)
    attenuation = np.interp(from_disc, [1.6, 3.2, 4.2, 6.0], [SOFT_TISSUE, plate, plate, body])
    half_width = 16.0 + 1.5 * np.cos(2 * np.pi * grid.y / VERTEBRA) + grid.y / 130.0
    return attenuation, column(grid, _spine_x(grid.y, lean), half_width, 14.0, z=-52.0, power=3.0)


def vertebral_arches(lean: float) -> list[Tube]:
    """Return pedicles, transverse and spinous processes."""
    tubes = []
    for y in np.arange(-9.5, 10.0) * VERTEBRA:
        x = float(_spine_x(y, lean))
        tubes.append(Tube([(x, y - 2, -85), (x, y + 15, -98)], 2.4, 4.0, core=0.3, wall=0.3))
        for side in SIDES:
            pedicle = [(x + side * 11, y - 4, -66), (x + side * 11, y - 4, -74)]
            tubes.append(Tube(pedicle, 5.0, 3.6, facing=SIDEWAYS, core=0.35, wall=0.3))
            process = [(x + side * 12, y - 2, -80), (x + side * 34, y - 7, -88)]
            tubes.append(Tube(process, 3.6, 3.0, core=0.3, wall=0.3))
    return tubes


def _spine_x(y: Array, lean: float) -> Array:
    return lean * np.sin(y / 70.0)


def shoulders(rng: np.random.Generator) -> list[Tube]:
    """Return clavicle, scapula with its border and spine, and head of the humerus, on both sides."""
    shrug = rng.uniform(-3.0, 5.0)
    s = np.linspace(0.0, 1.0, 40)
    still = np.zeros_like(s)
    collarbone = np.stack([14 + 152 * s, -112 - (16 - shrug) * s + 7 * np.sin(2 * np.pi * s), 40 - 60 * s], 1)
    blade = np.stack([136 + 12 * s, shrug - 112 + 112 * s, -85 - 10 * s], axis=1)
    half_blade = np.interp(s, [0.0, 0.15, 1.0], [27.0, 27.0, 5.0])
    border = blade + np.stack([half_blade, still, still], axis=1)
    crest = np.stack([106 + 74 * s, shrug - 98 - 26 * s, -80 + 40 * s], axis=1)
    head = np.stack([188 + still, shrug - 100 + still, 44 * s - 42], axis=1)
    ball = 22.0 * np.sqrt(np.clip(1.0 - (2.0 * s - 1.0) ** 2, 0.01, None))
    tubes = []
    for mirror in np.array([(side, 1.0, 1.0) for side in SIDES]):
        tubes += [
            Tube(collarbone * mirror, 6.6 - 2.0 * np.sin(np.pi * s), 5.6, core=0.3, wall=0.35),
            Tube(blade * mirror, half_blade, 1.7),
            Tube(border * mirror, 3.2, 3.2, core=0.4, wall=0.3),
            Tube(crest * mirror, 4.2, 3.2, core=0.35, wall=0.3),
            Tube(head * mirror, ball, ball, facing=SIDEWAYS, core=0.2, wall=0.04),
        ]
    return tubes
