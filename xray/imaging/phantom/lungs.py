"""Outline and vessels of the lungs; lengths in mm."""

from __future__ import annotations

import numpy as np

from xray.imaging.phantom.physics import Array
from xray.imaging.phantom.solids import Grid, Solid, column, profile
from xray.imaging.phantom.tubes import Tube

APEX, BASE = -144.0, 118.0  # y of the apex and of the costophrenic recess
INNER = profile([0, 0.015, 0.05, 0.13, 1], [40, 29, 19, 11, 6])
OUTER = profile([0, 0.015, 0.05, 0.13, 0.25, 0.45, 0.65, 1], [44, 59, 77, 97, 112, 126, 133, 137])
DEPTH = profile([0, 0.03, 0.1, 0.25, 0.5, 1], [6, 26, 44, 64, 80, 86])
HILA = {-1: (-36.0, -18.0), 1: (40.0, -26.0)}
ROOT_ANGLES = (-78, -55, -30, -4, 22, 44, 62, 78)  # degrees below the horizontal
SMALLEST_VESSEL = 0.75


def lung_outline(y: Array) -> tuple[Array, Array, Array]:
    """Return the distances of inner and outer border from the midline, and the half depth, at heights y."""
    t = np.clip((y - APEX) / (BASE - APEX), 0.0, 1.0)
    return INNER(t), OUTER(t), DEPTH(t)


def lung(grid: Grid, side: int) -> Solid:
    """Return the lung on a side of the film (-1 or 1), before heart and diaphragm are subtracted."""
    inner, outer, depth = lung_outline(grid.y)
    half_width = np.where((grid.y > APEX) & (grid.y < BASE), (outer - inner) / 2, 0.0)
    return column(grid, side * (outer + inner) / 2, half_width, depth, power=2.5)


def vessels(rng: np.random.Generator) -> list[Tube]:
    """Return vascular trees that start at the hila; every branch divides in two down to SMALLEST_VESSEL."""
    growing = []
    for side, (x, y) in HILA.items():
        for angle in np.radians(ROOT_ANGLES + rng.normal(0.0, 6.0, len(ROOT_ANGLES))):
            direction = np.array([side * np.cos(angle), np.sin(angle), rng.normal(0.0, 0.35)])
            root = np.array([x, y, 0.0]) + rng.normal(0.0, 5.0, 3)
            growing.append((root, direction, rng.uniform(4.5, 7.0)))
    tubes = []
    while growing:
        start, direction, radius = growing.pop()
        end = start + rng.uniform(7.0, 12.0) * direction / np.linalg.norm(direction)
        tubes.append(Tube([start, end], [radius, 0.9 * radius], [radius, 0.9 * radius]))
        bend = rng.choice([-1.0, 1.0])
        trunk, twig = (
            (bend * rng.uniform(3, 16), 0.86),
            (-bend * rng.uniform(25, 55), rng.uniform(0.45, 0.65)),
        )
        for degrees, thinner in (trunk, twig):
            if radius * thinner > SMALLEST_VESSEL:
                growing.append((end, _turned(direction, np.radians(degrees), rng), radius * thinner))
    return tubes


def _turned(direction: Array, angle: float, rng: np.random.Generator) -> Array:
    x, y, z = direction
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([cos * x - sin * y, sin * x + cos * y, 0.9 * z + rng.normal(0.0, 0.12)])
