"""A lead letter laid on a film anywhere, to see whether a network reads it (Zech et al. 2018)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from xray.imaging.phantom import chest_phantom
from xray.types import Radiograph

PLACES = {  # where the letter's middle is, as shares of the film's width and height
    "no letter": None,
    "upper left": (0.06, 0.06),
    "upper middle": (0.5, 0.06),
    "upper right": (0.94, 0.06),
    "on the lung": (0.3, 0.45),
    "lower left": (0.06, 0.94),
    "lower right": (0.94, 0.94),
}


def lettered(radiograph: Radiograph, place: str, letter: str = "L") -> Radiograph:
    """The film with a letter of the phantoms', as white as lead, at one of PLACES."""
    middle = PLACES[place]
    if middle is None:
        return radiograph
    height, width = radiograph.pixels.shape
    rows, columns = np.nonzero(chest_phantom(0, marker=letter, size=(height, width)).marker_mask)
    down = round(middle[1] * height - (rows.min() + rows.max()) / 2)
    across = round(middle[0] * width - (columns.min() + columns.max()) / 2)
    pixels = radiograph.pixels.copy()
    pixels[(rows + down).clip(0, height - 1), (columns + across).clip(0, width - 1)] = 1.0
    return replace(radiograph, pixels=pixels)
