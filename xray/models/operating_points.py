"""What a threshold means: who is found, who is missed, and how far an answer can be trusted where a finding
is rare or common.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

from xray.models.figures import Estimate, FindingFigures, Values


@dataclass(frozen=True)
class Point:
    threshold: float
    sensitivity: Estimate
    specificity: Estimate

    def counts(self, positives: float, negatives: float) -> tuple[float, float, float, float]:
        """How many are found, missed, called positive wrongly and left alone rightly."""
        found, alone = self.sensitivity.value * positives, self.specificity.value * negatives
        return found, positives - found, negatives - alone, alone

    def predictive_values(self, prevalence: float) -> tuple[float, float]:
        """Chance that a positive and that a negative answer is right, by Bayes' rule; NaN without any."""
        found, missed, false_alarms, alone = self.counts(prevalence, 1 - prevalence)
        positive, negative = found + false_alarms, missed + alone
        return found / positive if positive else nan, alone / negative if negative else nan


def operating_points(finding: FindingFigures) -> dict[float, Point]:
    """The measured points by ascending threshold, the model's own among them."""
    curve = finding.curve
    found = {
        threshold: Point(
            threshold,
            _estimate(curve.sensitivity, curve.sensitivity_low, curve.sensitivity_high, index),
            _estimate(curve.specificity, curve.specificity_low, curve.specificity_high, index),
        )
        for index, threshold in enumerate(curve.thresholds)
    }
    own = Point(finding.threshold, finding.metrics["sensitivity"], finding.metrics["specificity"])
    return dict(sorted((found | {own.threshold: own}).items()))


def _estimate(values: Values, lows: Values, highs: Values, index: int) -> Estimate:
    value, low, high = (nan if one[index] is None else one[index] for one in (values, lows, highs))
    return Estimate.model_construct(value=value, low=low, high=high)
