"""Output of a classifier and of a detector."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from xray.types.arrays import Pixels, expect, expect_range


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
                expect(name, values, np.float32, (count,))
        if self.intervals is not None:
            expect("intervals", self.intervals, np.float32, (count, 2))
            expect_range("intervals", self.intervals, 0.0, 1.0)
        expect_range("probabilities", self.probabilities, 0.0, 1.0)
        expect_range("thresholds", self.thresholds, 0.0, 1.0)

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

    @property
    def is_exclusive(self) -> bool:
        """Whether the findings exclude each other (softmax); False for a model without conformal figures."""
        return self.present is not None and self.absent is None

    def possible(self, finding: str) -> tuple[str, ...]:
        """Return which of `present` and `absent` the prediction set keeps; both without conformal figures."""
        kept, index = self.prediction_set, self.findings.index(finding)
        if self.present is None:
            return "present", "absent"
        if self.absent is None:
            absent = any(other != finding for other in kept)
        else:
            absent = bool(1 - self.probabilities[index] >= self.absent[index])
        return ("present",) * (finding in kept) + ("absent",) * absent

    def probability(self, finding: str) -> float:
        """Return the probability of a finding."""
        return float(self.probabilities[self.findings.index(finding)])

    def answer(self, finding: str) -> str:
        """Return `present`, `absent` or, if neither or both are possible, `cannot tell`."""
        possible = self.possible(finding)
        return possible[0] if len(possible) == 1 else "cannot tell"

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
        expect("xyxy", self.xyxy, np.float32, (count, 4))
        expect("confidence", self.confidence, np.float32, (count,))
        expect("class_id", self.class_id, np.int64, (count,))
        expect("anchor", self.anchor, np.int64, (count,))
        expect_range("confidence", self.confidence, 0.0, 1.0)
        expect_range("class_id", self.class_id, 0, len(self.findings) - 1)
        if not 0.0 <= self.threshold <= 1.0:
            raise ValueError(f"expected a threshold in [0, 1], got {self.threshold:g}")

    def __len__(self) -> int:
        return len(self.confidence)

    def among(self, selection: NDArray[np.bool_] | NDArray[np.int64]) -> Detections:
        """Select boxes by a mask (n), or by indices in their order."""
        arrays = ("xyxy", "confidence", "class_id", "anchor")
        return replace(self, **{name: getattr(self, name)[selection] for name in arrays})
