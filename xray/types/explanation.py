"""Map of a finding, and the result of a check of the map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from scipy.ndimage import map_coordinates

from xray.geometry import Affine
from xray.types.arrays import Pixels, expect

Verdict = Literal["passed", "failed", "cannot be judged"]
Support = Literal["supported", "not supported", "cannot tell"]


@dataclass(frozen=True)
class MapFile:
    """The file that a map was read from.

    Attributes:
        name: File name.
        sha256: Hash of its contents.
        scale: Values of black and white of a picture; None for a file of values.
        note: How the map was brought to the film, a sentence; empty if it has the film's size.
    """

    name: str
    sha256: str
    scale: tuple[float, float] | None = None
    note: str = ""


@dataclass(frozen=True, eq=False)
class Explanation:
    """Map of one finding: raw values on the target layer's grid and their position on the film.

    Attributes:
        method: Name of the explanation method.
        layer: Name of the layer.
        finding: The finding.
        raw_map: float32 (h, w), signed, finite, in the method's unit; not scaled.
        to_source: Affine from the map's grid to source pixels.
        source_shape: (H, W) of the film.
        model_id: Id of the model.
        weights_sha256: Hash of its weights.
        file: The file of a map that was not computed here; otherwise None.
    """

    method: str
    layer: str
    finding: str
    raw_map: Pixels
    to_source: Affine
    source_shape: tuple[int, int]
    model_id: str
    weights_sha256: str
    file: MapFile | None = None

    def __post_init__(self) -> None:
        expect("raw_map", self.raw_map, np.float32, (None, None))
        if not np.isfinite(self.raw_map).all() or not self.raw_map.size:
            raise ValueError(f"expected finite values in raw_map {self.raw_map.shape}, got others or none")

    @property
    def raw_max(self) -> float:
        """Highest raw value on the film."""
        return self._extremes[1]

    @property
    def raw_min(self) -> float:
        """Lowest raw value on the film."""
        return self._extremes[0]

    @property
    def has_positive_evidence(self) -> bool:
        """Whether the map has positive values on the film."""
        return self.raw_max > 0.0

    @property
    def peak(self) -> tuple[float, float]:
        """Position (x, y), in source pixels, of the highest raw value on the film."""
        return self._extremes[2]

    @cached_property
    def _extremes(self) -> tuple[float, float, tuple[float, float]]:
        """Lowest and highest raw value on the film, and the position of the highest.

        Cells are evaluated at their centers. A cell whose center is in the padding of a letterbox is
        evaluated at the nearest pixel of the film, as `heatmap` interpolates it.
        """
        height, width = self.source_shape
        rows, columns = np.indices(self.raw_map.shape, np.float64).reshape(2, -1)
        points = self.to_source.apply(np.stack([columns, rows], axis=1) + 0.5)  # (h * w, 2)
        values = self.raw_map.ravel()
        padding = ((points < 0) | (points >= (width, height))).any(1)
        if padding.any():
            nearest = points[padding].clip(0.5, (width - 0.5, height - 0.5))
            x, y = (self.to_source.inverse().apply(nearest) - 0.5).T
            values, points[padding] = values.copy(), nearest
            values[padding] = map_coordinates(self.raw_map, (y, x), order=1, mode="nearest")
        x, y = points[values.argmax()].tolist()
        return float(values.min()), float(values.max()), (x, y)

    def heatmap(self, rows: slice = slice(None)) -> Pixels:
        """Interpolate the raw map bilinearly at source pixels.

        Args:
            rows: Rows of the film; by default all.

        Returns:
            Raw values, not clipped or scaled: float32 (rows, W).
        """
        start, stop, _ = rows.indices(self.source_shape[0])
        to_rows = replace(self.to_source, y0=self.to_source.y0 - start)
        return to_rows.warp(self.raw_map, (stop - start, self.source_shape[1]))


@dataclass(frozen=True, eq=False)
class Check:
    """Result of one check of an explanation.

    Attributes:
        name: Name of the check.
        value: The measured value; NaN if it cannot be measured.
        baseline: Median value of maps without meaning; of a check without a measured limit, the mean value of
            random maps of this film.
        centered: Value of a centered Gaussian: the median of the films that the limit was measured on, or
            that of this film.
        verdict: `passed`, `failed` or `cannot be judged`.
        why: Reason of the verdict, in one sentence.
        seconds: Duration.
        details: Further values by name.
        curves: float32 (n) by name.
        maps: float32 (h, w) by name.
    """

    name: str
    value: float
    baseline: float
    centered: float
    verdict: Verdict
    why: str
    seconds: float
    details: Mapping[str, float] = field(default_factory=dict)
    curves: Mapping[str, Pixels] = field(default_factory=dict)
    maps: Mapping[str, Pixels] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.verdict not in get_args(Verdict):
            raise ValueError(f"expected a verdict of {get_args(Verdict)}, got {self.verdict!r}")
        if self.verdict != "cannot be judged" and not np.isfinite(self.value):
            raise ValueError(f"expected a finite value of a check that {self.verdict}, got {self.value:g}")
        if not self.seconds >= 0:
            raise ValueError(f"expected seconds of 0 or more, got {self.seconds:g}")
        for name, curve in self.curves.items():
            expect(f"curve {name!r}", curve, np.float32, (None,))
        for name, picture in self.maps.items():
            expect(f"map {name!r}", picture, np.float32, (None, None))


@dataclass(frozen=True)
class MapVerdict:
    """The verdict on a map, from its checks (see evidence.verdict).

    Attributes:
        support: `supported`, `not supported` or `cannot tell`.
        reason: Why, in one sentence.
        score: The effect of the map less that of its copies, in log-odds, which was compared with the limits
            of the verdict; NaN if it was not measured.
        meaningless_supported: Largest share, over the kinds of maps without meaning, of such maps that are
            called supported; NaN if it was not measured.
        true_supported: Share of true maps that are called supported; NaN if it was not measured.
    """

    support: Support
    reason: str
    score: float = float("nan")
    meaningless_supported: float = float("nan")
    true_supported: float = float("nan")

    def __post_init__(self) -> None:
        if self.support not in get_args(Support):
            raise ValueError(f"expected one of {get_args(Support)}, got {self.support!r}")

    @property
    def rates(self) -> str:
        """The error rates as a sentence; empty if they were not measured."""
        if not np.isfinite([self.meaningless_supported, self.true_supported]).all():
            return ""
        return (
            f"When this was measured, {self.meaningless_supported:.0%} of the worst kind of maps without "
            f"meaning and {self.true_supported:.0%} of true maps were called supported."
        )
