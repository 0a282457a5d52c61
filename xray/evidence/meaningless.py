"""Maps without meaning, by kind. A limit of a check is the value that at most 5% of each kind pass.

None of them depends on the model: randomizing its weights leaves them as they are.
"""

from __future__ import annotations

import cv2
import numpy as np

from xray.evidence.baseline_maps import edges, gaussian
from xray.evidence.context import Candidate, CheckContext
from xray.evidence.weight_randomization import Model
from xray.geometry import Affine
from xray.types import Pixels

GAUSSIAN = "centered Gaussian"
KINDS = ("other film", "randomized network", "edges", "film", GAUSSIAN, "mirrored", "moved")
OWN_COPIES = (GAUSSIAN, "mirrored")  # which equal their own mirrored copy, or whose copy is the map itself


def picture(values: Pixels) -> Candidate:
    """A map (h, w) that stays as it is, whatever the model and the film."""
    return Candidate(values, lambda _model, _film: values)


def on_grid(values: Pixels, grid: tuple[int, int]) -> Pixels:
    """Average a map (h, w) over the cells of a grid, and interpolate it as a map of that layer."""
    cells = cv2.resize(values, grid[::-1], interpolation=cv2.INTER_AREA)
    return Affine.stretch(grid, values.shape).warp(np.asarray(cells, np.float32), values.shape)


def meaningless_maps(
    context: CheckContext, untrained: Model, other: Pixels | None = None
) -> dict[str, Candidate]:
    """Build one map of each kind, on the grid of the context's map.

    Args:
        context: A film with a map of the method.
        untrained: The model with random weights.
        other: The map of another film at the model's size; without it that kind is left out.
    """
    film, own, shape = context.film.radiograph, context.candidate, context.film.shape
    made = {
        "other film": other,
        "randomized network": own.remake(untrained, film),
        "edges": on_grid(edges(film.pixels), context.grid),
        "film": on_grid(film.pixels, context.grid),
        GAUSSIAN: gaussian(shape),
        "mirrored": np.ascontiguousarray(own.map[:, ::-1]),
        "moved": np.roll(own.map, (shape[0] // 3, shape[1] // 3), (0, 1)),
    }
    return {kind: picture(values) for kind, values in made.items() if values is not None}
