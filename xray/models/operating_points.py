"""Operating points of a model: sensitivity and specificity by threshold, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

from xray.models.figures import Estimate, FindingFigures, Values


@dataclass(frozen=True)
class OperatingPoint:
    """Sensitivity and specificity of a finding at one threshold."""

    threshold: float
    sensitivity: Estimate
    specificity: Estimate

    def counts(self, positives: float, negatives: float) -> tuple[float, float, float, float]:
        """True positives, false negatives, false positives and true negatives."""
        found, rejected = self.sensitivity.value * positives, self.specificity.value * negatives
        return found, positives - found, negatives - rejected, rejected

    def predictive_values(self, prevalence: float) -> tuple[float, float]:
        """Positive and negative predictive value.

        Args:
            prevalence: Share of films with the finding, in [0, 1].

        Returns:
            PPV and NPV by Bayes' rule; NaN where no answer of that kind occurs.
        """
        found, missed, false_alarms, rejected = self.counts(prevalence, 1 - prevalence)
        positive, negative = found + false_alarms, missed + rejected
        return found / positive if positive else nan, rejected / negative if negative else nan


def operating_points(finding: FindingFigures) -> dict[float, OperatingPoint]:
    """The measured operating points by ascending threshold, including the one of the model."""
    curve = finding.curve
    found = {
        threshold: OperatingPoint(
            threshold,
            _estimate(curve.sensitivity, curve.sensitivity_low, curve.sensitivity_high, index),
            _estimate(curve.specificity, curve.specificity_low, curve.specificity_high, index),
        )
        for index, threshold in enumerate(curve.thresholds)
    }
    model_point = OperatingPoint(
        finding.threshold, finding.metrics["sensitivity"], finding.metrics["specificity"]
    )
    return dict(sorted((found | {model_point.threshold: model_point}).items()))


def _estimate(values: Values, lows: Values, highs: Values, index: int) -> Estimate:
    value, low, high = (nan if row[index] is None else row[index] for row in (values, lows, highs))
    return Estimate.model_construct(value=value, low=low, high=high)
