"""What a user marks on a film: a rectangle, an ellipse or brush strokes, in source pixels."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["rectangle", "ellipse", "brush"]
KINDS: tuple[Kind, ...] = ("rectangle", "ellipse", "brush")


@dataclass(frozen=True)
class Region:
    """points: (x, y) in source pixels; of a rectangle and an ellipse the corners around it, left top first.
    radius: of a brush.
    """

    kind: Kind
    points: tuple[tuple[float, float], ...]
    radius: float = 0.0

    @classmethod
    def from_browser(cls, told: Any) -> Region | None:
        """A mark as the viewer tells it; None where it is none."""
        try:
            points = tuple((float(x), float(y)) for x, y in told["points"])
            radius = float(told.get("radius", 0.0))
        except (KeyError, TypeError, ValueError, AttributeError):
            return None
        enough = len(points) == 2 if told.get("kind") != "brush" else len(points) > 0
        if told.get("kind") not in KINDS or not enough or not np.isfinite([radius, *sum(points, ())]).all():
            return None
        return cls(told["kind"], points, radius)

    def to_browser(self) -> dict[str, Any]:
        return {"kind": self.kind, "points": [list(one) for one in self.points], "radius": self.radius}

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        places = np.array(self.points)
        left, top = (places.min(0) - self.radius).tolist()
        right, bottom = (places.max(0) + self.radius).tolist()
        return left, top, right, bottom

    def mask(self, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """Bool (H, W): the pixels whose centers lie inside."""
        if self.kind == "brush":
            return self._painted(shape)
        rows, columns = np.ogrid[0.5 : shape[0], 0.5 : shape[1]]
        left, top, right, bottom = self.box
        if self.kind == "rectangle":
            return (rows >= top) & (rows < bottom) & (columns >= left) & (columns < right)
        x = (columns - (left + right) / 2) / max((right - left) / 2, 1e-6)
        y = (rows - (top + bottom) / 2) / max((bottom - top) / 2, 1e-6)
        return np.asarray(x**2 + y**2 <= 1)

    def _painted(self, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """The pixels no farther than the radius from the path, one piece of it after the other."""
        painted, places = np.zeros(shape, bool), np.array(self.points)
        for start, end in pairwise(places[[0, *range(len(places))]]):
            low = np.floor(np.minimum(start, end) - self.radius).astype(int).clip(0)
            high = np.ceil(np.maximum(start, end) + self.radius).astype(int).clip(0)
            near = np.s_[low[1] : high[1], low[0] : high[0]]
            rows, columns = np.ogrid[0.5 : shape[0], 0.5 : shape[1]]
            rows, columns = rows[near[0]], columns[:, near[1]]
            along = end - start
            share = (columns - start[0]) * along[0] + (rows - start[1]) * along[1]
            share = (share / max(float(along @ along), 1e-12)).clip(0, 1)
            away = np.hypot(columns - start[0] - share * along[0], rows - start[1] - share * along[1])
            painted[near] |= away <= self.radius
        return painted
