"""Operating points: sensitivity, specificity and predictive values at a threshold."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

from xray.models.figures import Estimate, FindingFigures, Values


@dataclass(frozen=True)
class Point:
    """Sensitivity and specificity at a threshold."""

    threshold: float
    sensitivity: Estimate
    specificity: Estimate

    def counts(self, positives: float, negatives: float) -> tuple[float, float, float, float]:
        """Counts of true positives, false negatives, false positives and true negatives."""
        found, alone = self.sensitivity.value * positives, self.specificity.value * negatives
        return found, positives - found, negatives - alone, alone

    def predictive_values(self, prevalence: float) -> tuple[float, float]:
        """Positive and negative predictive value by Bayes' rule; NaN without such answers."""
        found, missed, false_alarms, alone = self.counts(prevalence, 1 - prevalence)
        positive, negative = found + false_alarms, missed + alone
        return found / positive if positive else nan, alone / negative if negative else nan


def operating_points(finding: FindingFigures) -> dict[float, Point]:
    """The measured points by ascending threshold, including the model's operating point."""
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
