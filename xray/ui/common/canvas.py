"""A film to draw rectangles on."""

from __future__ import annotations

import numpy as np

from xray.types import Pixels, Radiograph
from xray.ui.viewer import viewer


def drawn(radiograph: Radiograph, key: str) -> Pixels:
    """Rectangles (n, 4) that the user draws over the film, in source pixels."""
    marked = viewer(radiograph, key=key, tools=("rectangle",), told=False, height=520).regions
    return np.array([region.box for region in marked], np.float32).reshape(-1, 4)
