"""Frozen dataclasses passed between packages: Radiograph, Prediction, Explanation, Case and others."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from xray.errors import InvalidRequest
from xray.geometry import Affine

Pixels = NDArray[np.float32]
GateKind = Literal[
    "accepted",
    "not an X-ray",
    "another region",
    "sideways",
    "upside down",
    "inverted",
    "too small",
    "low contrast",
]


@dataclass(frozen=True, eq=False)
class Radiograph:
    """One decoded film. Of a DICOM header it keeps only the fields below.

    Attributes:
        pixels: float32 (H, W) in [0, 1], bright = dense; read-only.
        name: Base name of the file.
        bit_depth: Bits per sample in the source.
        spacing_mm: Distance of pixel centers (row, column), if known.
        view: View position, such as PA, if known.
        simulated: Whether the film is a phantom.
        notes: Changes made while decoding, each a short sentence.
    """

    pixels: Pixels
    name: str
    bit_depth: int = 8
    spacing_mm: tuple[float, float] | None = None
    view: str | None = None
    simulated: bool = False
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.pixels.ndim != 2 or self.pixels.dtype != np.float32:
            raise ValueError(f"expected float32 pixels (H, W), got {self.pixels.dtype} {self.pixels.shape}")
        low, high = float(self.pixels.min()), float(self.pixels.max())
        if not (low >= 0.0 and high <= 1.0):
            raise ValueError(f"expected pixels in [0, 1], got [{low:g}, {high:g}]")
        self.pixels.setflags(write=False)

    @cached_property
    def sha256(self) -> str:
        """Hash of the pixels and their shape; it does not depend on name and header."""
        digest = hashlib.sha256(repr(self.pixels.shape).encode())
        digest.update(self.pixels.astype("<f4").tobytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class GateResult:
    """Result of the input gate: whether a film is suitable for a model.

    Attributes:
        accepted: Whether the film is accepted.
        reason: Why it is refused, in one sentence; for an accepted film what could not be checked, or empty.
        hint: What the user can do.
        kind: The rule that refused the film, or `accepted`.
    """

    accepted: bool
    reason: str
    hint: str
    kind: GateKind

    def __str__(self) -> str:
        return f"{self.reason} {self.hint}".strip()


def _expect(name: str, array: NDArray[Any], dtype: type[np.generic], shape: tuple[int | None, ...]) -> None:
    """Raise ValueError unless an array has a dtype and a shape; None stands for any length."""
    fits = array.ndim == len(shape) and all(
        expected in (None, length) for expected, length in zip(shape, array.shape, strict=True)
    )
    if not fits or array.dtype != dtype:
        lengths = ", ".join("n" if length is None else str(length) for length in shape)
        raise ValueError(f"expected {dtype.__name__} {name} ({lengths}), got {array.dtype} {array.shape}")


def _expect_range(name: str, array: NDArray[Any], low: float, high: float) -> None:
    if not ((array >= low) & (array <= high)).all():
        raise ValueError(f"expected {name} in [{low:g}, {high:g}], got [{array.min():g}, {array.max():g}]")


@dataclass(frozen=True, eq=False)
class Prediction:
    """Output of a classifier: one value per finding (K), in the registry's order.

    Attributes:
        model_id: Id of the model.
        weights_sha256: Hash of its weights.
        findings: Names of the findings.
        logits: float32 (K), uncalibrated.
        probabilities: float32 (K) in [0, 1], calibrated.
        thresholds: float32 (K) in [0, 1], operating points on the calibrated probabilities.
        intervals: float32 (K, 2) in [0, 1], lower and upper bound; None if they were not computed.
        present: float32 (K), smallest probability at which `present` stays possible (see models.conformal);
            None for a model without these figures.
        absent: float32 (K), the same for `absent` and its probability; None also for a softmax model.
    """

    model_id: str
    weights_sha256: str
    findings: tuple[str, ...]
    logits: Pixels
    probabilities: Pixels
    thresholds: Pixels
    intervals: Pixels | None = None
    present: Pixels | None = None
    absent: Pixels | None = None

    def __post_init__(self) -> None:
        count = len(self.findings)
        for name in ("logits", "probabilities", "thresholds", "present", "absent"):
            values = getattr(self, name)
            if values is not None:
                _expect(name, values, np.float32, (count,))
        if self.intervals is not None:
            _expect("intervals", self.intervals, np.float32, (count, 2))
            _expect_range("intervals", self.intervals, 0.0, 1.0)
        _expect_range("probabilities", self.probabilities, 0.0, 1.0)
        _expect_range("thresholds", self.thresholds, 0.0, 1.0)

    @property
    def bounds(self) -> Pixels:
        """The intervals (K, 2).

        Raises:
            ValueError: The prediction has no intervals.
        """
        if self.intervals is None:
            raise ValueError("expected a prediction with intervals, got one without")
        return self.intervals

    @property
    def prediction_set(self) -> tuple[str, ...]:
        """Findings that cannot be ruled out; all findings of a model without conformal figures."""
        if self.present is None:
            return self.findings
        included = self.probabilities >= self.present
        return tuple(finding for finding, is_in in zip(self.findings, included, strict=True) if is_in)

    def answer(self, finding: str) -> str:
        """Return `present`, `absent` or, if neither or both are possible, `cannot tell`."""
        possible, index = self.prediction_set, self.findings.index(finding)
        if self.absent is not None:
            may_be_absent = bool(1 - self.probabilities[index] >= self.absent[index])
            if (finding in possible) == may_be_absent:
                return "cannot tell"
        elif not possible or (finding in possible and len(possible) > 1):
            return "cannot tell"
        return "present" if finding in possible else "absent"

    def at_threshold(self, threshold: float) -> Prediction:
        """Return the same prediction with one operating point for all findings."""
        return replace(self, thresholds=np.full_like(self.thresholds, threshold))

    @property
    def most_likely(self) -> str:
        """Finding with the highest probability."""
        return self.findings[int(self.probabilities.argmax())]

    def side(self, finding: str) -> str:
        """Return `at or above` or `below`: the side of its operating point on which a finding is."""
        return "at or above" if self.at_operating_point(finding) else "below"

    def at_operating_point(self, finding: str) -> bool:
        """Whether the finding's probability reaches its operating point."""
        index = self.findings.index(finding)
        return bool(self.probabilities[index] >= self.thresholds[index])


@dataclass(frozen=True, eq=False)
class Detections:
    """Boxes (n) of a detector on one film, by decreasing confidence.

    Attributes:
        model_id: Id of the detector.
        findings: Names of the findings.
        xyxy: float32 (n, 4), left, top, right and bottom in source pixels.
        confidence: float32 (n) in [0, 1].
        class_id: int64 (n), indices into findings.
        anchor: int64 (n), indices of the network's outputs.
        threshold: Confidence at the model's operating point, in [0, 1].
    """

    model_id: str
    findings: tuple[str, ...]
    xyxy: Pixels
    confidence: Pixels
    class_id: NDArray[np.int64]
    anchor: NDArray[np.int64]
    threshold: float = 0.5

    def __post_init__(self) -> None:
        count = len(self.confidence)
        _expect("xyxy", self.xyxy, np.float32, (count, 4))
        _expect("confidence", self.confidence, np.float32, (count,))
        _expect("class_id", self.class_id, np.int64, (count,))
        _expect("anchor", self.anchor, np.int64, (count,))
        _expect_range("confidence", self.confidence, 0.0, 1.0)
        _expect_range("class_id", self.class_id, 0, len(self.findings) - 1)
        if not 0.0 <= self.threshold <= 1.0:
            raise ValueError(f"expected a threshold in [0, 1], got {self.threshold:g}")

    def __len__(self) -> int:
        return len(self.confidence)

    def among(self, selection: NDArray[np.bool_] | NDArray[np.int64]) -> Detections:
        """Select boxes by a mask (n), or by indices in their order."""
        arrays = ("xyxy", "confidence", "class_id", "anchor")
        return replace(self, **{name: getattr(self, name)[selection] for name in arrays})


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
    """

    method: str
    layer: str
    finding: str
    raw_map: Pixels
    to_source: Affine
    source_shape: tuple[int, int]
    model_id: str
    weights_sha256: str

    def __post_init__(self) -> None:
        _expect("raw_map", self.raw_map, np.float32, (None, None))
        if not np.isfinite(self.raw_map).all() or not self.raw_map.size:
            raise ValueError(f"expected finite values in raw_map {self.raw_map.shape}, got others or none")

    @property
    def raw_max(self) -> float:
        """Highest raw value."""
        return float(self.raw_map.max())

    @property
    def raw_min(self) -> float:
        """Lowest raw value."""
        return float(self.raw_map.min())

    @property
    def has_positive_evidence(self) -> bool:
        """Whether the map has positive values."""
        return self.raw_max > 0.0

    @property
    def peak(self) -> tuple[float, float]:
        """Center (x, y), in source pixels, of the cell with the highest raw value."""
        row, column = np.unravel_index(self.raw_map.argmax(), self.raw_map.shape)
        x, y = self.to_source.apply(np.array([[column + 0.5, row + 0.5]]))[0]
        return float(x), float(y)

    def heatmap(self) -> Pixels:
        """Interpolate the raw map bilinearly at source pixels: float32 (H, W), not clipped or scaled."""
        return self.to_source.warp(self.raw_map, self.source_shape)


Verdict = Literal["passed", "failed", "cannot be judged"]


@dataclass(frozen=True, eq=False)
class Check:
    """Result of one check of an explanation.

    Attributes:
        name: Name of the check.
        value: The measured value; NaN if it cannot be measured.
        baseline: Mean value of random maps.
        centered: Value of a centered Gaussian.
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
            _expect(f"curve {name!r}", curve, np.float32, (None,))
        for name, picture in self.maps.items():
            _expect(f"map {name!r}", picture, np.float32, (None, None))


@dataclass(frozen=True, eq=False)
class Case:
    """One analyzed radiograph.

    Attributes:
        radiograph: The film.
        prediction: Output of the model.
        explanations: One map per explained finding; empty without a method.
        gate: Result of the input gate; a refused film is analyzed only on request.
        fallback: Which model replaces the requested model and why, or empty.
        organ: The body region as an organ, or empty.
        detections: All candidate boxes of a detector; None for other models.
    """

    radiograph: Radiograph
    prediction: Prediction
    explanations: tuple[Explanation, ...]
    gate: GateResult
    fallback: str = ""
    organ: str = ""
    detections: Detections | None = None

    def explanation(self, finding: str) -> Explanation:
        """Return the map of a finding.

        Raises:
            InvalidRequest: The Case has no map of this finding.
        """
        for explanation in self.explanations:
            if explanation.finding == finding:
                return explanation
        explained = ", ".join(explanation.finding for explanation in self.explanations) or "none"
        raise InvalidRequest(f"There is no map of {finding!r} in this case.", hint=f"There are: {explained}.")
