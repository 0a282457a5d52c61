"""What a user marks on a film: a rectangle, an ellipse or brush strokes, in source pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import cv2
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
        painted = np.zeros(shape, np.uint8)
        path = np.rint((np.array(self.points) - 0.5) * 8).astype(np.int32)  # in eighths of a pixel
        thickness = max(1, round(2 * self.radius))
        cv2.polylines(painted, [path.reshape(-1, 1, 2)], False, 1, thickness, shift=3)
        for x, y in path:
            cv2.circle(painted, (int(x), int(y)), round(8 * self.radius), 1, -1, shift=3)
        return painted > 0
