"""The lungs on a chest film, in six zones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from xray.geometry import Affine
from xray.types.arrays import Pixels, expect, expect_range
from xray.types.explanation import Explanation

ZONES = ("right upper", "right middle", "right lower", "left upper", "left middle", "left lower")
OUTSIDE = "outside the lungs"
BETWEEN, ELSEWHERE = "between the lungs", "elsewhere"  # the two parts of OUTSIDE; the heart is in the first
REGIONS = (*ZONES, BETWEEN, ELSEWHERE)
EDGE = 0.02  # of the film: a point this close to a lung belongs to it, since outlines are less exact


@dataclass(frozen=True, eq=False)
class Lungs:
    """Six zones of the lungs on a film, or the reason why they are undetermined.

    A zone is a third of the height of a lung. Sides are those of the patient on an upright frontal film in
    the usual display: the right lung is on the left of the image.

    Attributes:
        zones: uint8 (h, w), on a grid that covers the film: 0 outside the lungs, n for the n-th of ZONES.
        source_shape: (H, W) of the film.
        outlines: float32 (n, 2) for each lung, the right one first: a closed polygon of (x, y) in source px.
        problem: Why the lungs are undetermined, a sentence; empty if they are determined.
    """

    zones: NDArray[np.uint8]
    source_shape: tuple[int, int]
    outlines: tuple[Pixels, ...] = ()
    problem: str = ""

    def __post_init__(self) -> None:
        expect("zones", self.zones, np.uint8, (None, None))
        expect_range("zones", self.zones, 0, len(ZONES))
        for outline in self.outlines:
            expect("outline", outline, np.float32, (None, 2))
        if self.problem and (self.zones.any() or self.outlines):
            raise ValueError("expected no zones and outlines of undetermined lungs, got some")
        if not self.problem and (len(self.outlines) != 2 or not self.zones.any()):
            raise ValueError(f"expected zones and 2 outlines, got {len(self.outlines)}")

    @classmethod
    def undetermined(cls, source_shape: tuple[int, int], problem: str) -> Lungs:
        """Return undetermined lungs of a film (H, W), for a reason."""
        return cls(np.zeros((1, 1), np.uint8), source_shape, problem=problem)

    @property
    def determined(self) -> bool:
        """Whether both lungs were found."""
        return not self.problem

    def zone_at(self, x: float, y: float) -> str:
        """Return the zone at a point in source pixels, or within EDGE of it; one of ZONES or OUTSIDE."""
        (height, width), (rows, columns) = self.source_shape, self.zones.shape
        row, column = np.nonzero(self.zones)
        above, beside = abs((row + 0.5) / rows - y / height), abs((column + 0.5) / columns - x / width)
        distances = np.hypot((above - 0.5 / rows).clip(0), (beside - 0.5 / columns).clip(0))  # to each cell
        if not len(row) or distances.min() > EDGE:
            return OUTSIDE
        nearest = distances.argmin()
        return ZONES[self.zones[row[nearest], column[nearest]] - 1]

    def mask(self, affine: Affine, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """Return the mask of both lungs on another grid.

        Args:
            affine: From source pixels to the grid.
            shape: (h, w) of the grid.
        """
        inside = (self.zones > 0).astype(np.float32)
        to_source = Affine.stretch(inside.shape, self.source_shape)
        return np.asarray(to_source.then(affine).warp(inside, shape) >= 0.5)

    def shares(self, explanation: Explanation) -> dict[str, float]:
        """Return the share of the positive values of a map in every zone and outside the lungs.

        Returns:
            Shares by ZONES and OUTSIDE, which add up to 1; empty for a map without positive values, and for
            undetermined lungs.
        """
        parts = self.region_shares(explanation)
        return {OUTSIDE: parts.pop(BETWEEN) + parts.pop(ELSEWHERE), **parts} if parts else {}

    def region_shares(self, explanation: Explanation) -> dict[str, float]:
        """Return the shares as `shares` does, by REGIONS: with what lies between the lungs apart."""
        if self.problem:
            return {}
        height, width = self.zones.shape
        to_grid = explanation.to_source.then(Affine.stretch(self.source_shape, (height, width)))
        heat = to_grid.warp(explanation.raw_map, (height, width)).clip(0)
        regions = np.where(self.between, len(ZONES), self.zones.astype(np.intp) - 1)
        regions[regions < 0] = len(ZONES) + 1
        sums = np.bincount(regions.ravel(), heat.ravel().astype(np.float64), len(REGIONS))
        if not sums.sum() > 0:
            return {}
        return dict(zip(REGIONS, (sums / sums.sum()).tolist(), strict=True))

    @cached_property
    def between(self) -> NDArray[np.bool_]:
        """Mask (h, w) of the part between the inner borders of the lungs, in rows that show both.

        It holds the mediastinum and most of the heart; the apex of the heart can lie over the left lung.
        """
        right, left = (self.zones > 0) & (self.zones <= 3), self.zones > 3
        columns = np.arange(self.zones.shape[1])
        inner_right = np.where(right, columns, -1).max(1, keepdims=True)
        inner_left = np.where(left, columns, len(columns)).min(1, keepdims=True)
        both = right.any(1, keepdims=True) & left.any(1, keepdims=True)
        return np.asarray(both & (columns > inner_right) & (columns < inner_left))
