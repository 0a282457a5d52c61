"""Regions that a user marks on a film: rectangles, ellipses and brush strokes."""

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
    """A marked region.

    Attributes:
        kind: Rectangle, ellipse or brush.
        points: (x, y) in source pixels: the path of a brush; otherwise the left top and right bottom corners
            of the bounding box.
        radius: Radius of a brush in source pixels.
    """

    kind: Kind
    points: tuple[tuple[float, float], ...]
    radius: float = 0.0

    @classmethod
    def from_browser(cls, sent: Any) -> Region | None:
        """Read a mark that the viewer sent; None if it is invalid."""
        try:
            points = tuple((float(x), float(y)) for x, y in sent["points"])
            radius = float(sent.get("radius", 0.0))
        except (KeyError, TypeError, ValueError, AttributeError):
            return None
        enough = len(points) == 2 if sent.get("kind") != "brush" else len(points) > 0
        if sent.get("kind") not in KINDS or not enough or not np.isfinite([radius, *sum(points, ())]).all():
            return None
        return cls(sent["kind"], points, radius)

    def to_browser(self) -> dict[str, Any]:
        """Return the region as the viewer expects it."""
        return {"kind": self.kind, "points": [list(point) for point in self.points], "radius": self.radius}

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Bounding box (left, top, right, bottom) in source pixels."""
        points = np.array(self.points)
        left, top = (points.min(0) - self.radius).tolist()
        right, bottom = (points.max(0) + self.radius).tolist()
        return left, top, right, bottom

    def mask(self, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """Return a bool array (H, W) of the pixels whose centers lie inside the region."""
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
        """Pixels whose distance to the path is at most the radius, computed per segment."""
        painted, points = np.zeros(shape, bool), np.array(self.points)
        for start, end in pairwise(points[[0, *range(len(points))]]):
            low = np.floor(np.minimum(start, end) - self.radius).astype(int).clip(0)
            high = np.ceil(np.maximum(start, end) + self.radius).astype(int).clip(0)
            near = np.s_[low[1] : high[1], low[0] : high[0]]
            rows, columns = np.ogrid[0.5 : shape[0], 0.5 : shape[1]]
            rows, columns = rows[near[0]], columns[:, near[1]]
            along = end - start
            share = (columns - start[0]) * along[0] + (rows - start[1]) * along[1]
            share = (share / max(float(along @ along), 1e-12)).clip(0, 1)
            distance = np.hypot(columns - start[0] - share * along[0], rows - start[1] - share * along[1])
            painted[near] |= distance <= self.radius
        return painted
