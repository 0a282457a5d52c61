"""Is the map where the lesion is? Share of the evidence inside the lesion and hit rate, at many places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from xray.errors import InvalidRequest
from xray.evidence.shortcut import air
from xray.explain import METHODS, explain
from xray.explain.registry import Progress
from xray.geometry import Affine
from xray.models.classifier import Classifier
from xray.models.ensemble import Ensemble
from xray.types import Explanation, Lungs, Mask, Radiograph
from xray.whatif.lesion_lab import Insertion, inserted

PLACES = 24


@dataclass(frozen=True)
class MapPlace:
    """Where a map lies relative to a lesion.

    Attributes:
        inside: Share of the map's positive values inside the lesion; 0 for a map without positive values.
        area: Share of the film that the lesion covers: the share inside that a constant map has, and the
            chance that a random point hits.
        hit: Whether the maximum lies inside (pointing game, Zhang et al. 2016, arXiv:1608.00507).
    """

    inside: float
    area: float
    hit: bool


def map_place(explanation: Explanation, region: Mask) -> MapPlace:
    """Compare a map with the region (H, W) of a lesion."""
    area = float(region.mean())
    heat = np.maximum(explanation.heatmap(), 0)
    if not heat.any():  # a small positive value between negative ones can vanish at the pixels
        return MapPlace(0.0, area, hit=False)
    x, y = explanation.peak
    row, column = min(int(y), region.shape[0] - 1), min(int(x), region.shape[1] - 1)
    return MapPlace(float(heat[region].sum() / heat.sum()), area, hit=bool(region[row, column]))


def allowed(film: Radiograph, lungs: Lungs | None) -> Mask:
    """Where lesions may lie: the lungs (H, W) if they are determined, otherwise the body."""
    height, width = film.pixels.shape
    if lungs is not None and lungs.determined:
        return lungs.mask(Affine.stretch(lungs.source_shape, (height, width)), (height, width))
    return ~air(film.pixels)


def centers(mask: Mask, count: int, seed: int) -> list[tuple[float, float]]:
    """Draw points (x, y) from a mask (H, W), by seed.

    Raises:
        InvalidRequest: If the mask is empty.
    """
    rows, columns = np.nonzero(mask)
    if not len(rows):
        raise InvalidRequest("The film has no place for a lesion.", "Choose another film.")
    chosen = np.random.default_rng(seed).integers(len(rows), size=count)
    return [(float(columns[index]) + 0.5, float(rows[index]) + 0.5) for index in chosen]


def map_places(
    model: Classifier | Ensemble,
    film: Radiograph,
    insertion: Insertion,
    finding: str,
    points: Sequence[tuple[float, float]],
    progress: Progress = lambda _: None,
) -> list[MapPlace]:
    """Compare Grad-CAM with a lesion of the same kind, size and contrast at several places.

    Args:
        model: The model.
        film: The film without the lesion.
        insertion: The lesion; place and seed are replaced.
        finding: The finding to explain.
        points: Places (x, y) in source pixels; the index is the seed of the shape.
        progress: Receives the share that is done, in [0, 1].
    """
    found = []
    for number, (x, y) in enumerate(points):
        there = replace(insertion, x=x, y=y, seed=number)
        changed = inserted(film, there)
        _, (explanation,) = explain(model, changed, METHODS["gradcam"], [finding])
        height, width = film.pixels.shape
        found.append(map_place(explanation, there.on((height, width)).region))
        progress((number + 1) / len(points))
    return found
