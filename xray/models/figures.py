"""The measured figures of a model, what follows from them at an operating point, and the model card.

weights/ID.json holds the figures; weights/ID.md is the card, which is shown and never parsed.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from xray.errors import ModelUnavailable
from xray.models.registry import ModelEntry
from xray.settings import settings

Values = list[float | None]  # None where undefined


class Facts(BaseModel):
    """Base of the frozen records in weights/ID.json."""

    model_config = ConfigDict(frozen=True)


class Estimate(Facts):
    """A value with its 95% confidence interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.span})"

    @property
    def span(self) -> str:
        """The interval as text."""
        return f"{self.low:.3f} to {self.high:.3f}"


class Curve(Facts):
    """Sensitivity, specificity and precision with their bounds at ascending thresholds (T)."""

    thresholds: list[float]
    sensitivity: Values
    sensitivity_low: Values
    sensitivity_high: Values
    specificity: Values
    specificity_low: Values
    specificity_high: Values
    precision: Values
    precision_low: Values
    precision_high: Values


class Bin(Facts):
    """Films with similar predicted probabilities: their mean prediction and the share with the finding."""

    stated: float
    observed: float
    low: float | None
    high: float | None
    n: int


class FindingFigures(Facts):
    """Metrics, curve and calibration of one finding on n films."""

    n: int
    positives: int
    threshold: float
    metrics: dict[str, Estimate]
    curve: Curve
    reliability: list[Bin]

    @property
    def prevalence(self) -> float:
        """Share of the films that show the finding."""
        return self.positives / self.n


class Conformal(Facts):
    """Coverage of the prediction sets by class, and the share of uncertain answers."""

    target: float
    coverage: dict[str, Estimate]
    cannot_tell: float


class RiskCoverage(Facts):
    """Error rate among the most certain predictions, by the share that is kept."""

    coverage: Values
    risk: Values


class SourceFigures(Facts):
    """Metrics on the films of one collection."""

    n: int
    metrics: dict[str, Estimate]


class Figures(SourceFigures):
    """All figures on one set of films, as xray.train.figures writes them."""

    weights_sha256: str
    split: str
    patients: int
    interval: str
    findings: dict[str, FindingFigures] = {}
    conformal: Conformal | None = None
    risk_coverage: RiskCoverage | None = None
    confusion: list[list[int]] | None = None
    sources: dict[str, SourceFigures] = {}


class ExternalFinding(Facts):
    """AUROC of one finding on n films."""

    n: int
    positives: int
    metrics: dict[str, Estimate]


class ExternalFigures(SourceFigures):
    """Figures on a collection that was not used for training."""

    patients: int
    findings: dict[str, ExternalFinding] = {}


class Epoch(Facts):
    """Training and validation loss of one epoch."""

    stage: str
    loss: float | None
    validation_loss: float | None


class Spread(Facts):
    """Intervals by one source of variation: their factor, coverage and mean width."""

    widening: float
    validation: float
    width: float


class Intervals(Facts):
    """How the intervals of probabilities were calibrated."""

    target: float
    augmentation: Spread | None = None
    dropout: Spread | None = None
    chosen: Literal["augmentation", "dropout"]
    test: float | None = None


class ModelFigures(Facts):
    """The content of weights/ID.json; a figure that was not measured is None or empty."""

    test: Figures | None = None
    validation: Figures | None = None
    validation_uncalibrated: dict[str, Estimate] = {}
    other_source: Figures | None = None
    shrunk: Figures | None = None
    external: dict[str, ExternalFigures] = {}
    intervals: Intervals | None = None
    epochs: list[Epoch] = []
    seconds: float | None = None
    machine: str | None = None
    learning_films: int | None = None
    helping_films: int | None = None


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


def model_figures(entry: ModelEntry) -> ModelFigures:
    """Read the measured figures of a model.

    Raises:
        ModelUnavailable: If there are no figures, or the file is not valid.
    """
    path = settings().weights_dir / f"{entry.id}.json"
    try:
        return ModelFigures.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ModelUnavailable(
            f"There are no figures for {entry.id}.",
            hint=f"Measure it on labeled films: python -m xray evaluate {entry.id} --data DIR --json.",
        ) from error
    except ValidationError as error:
        raise ModelUnavailable(
            f"The figures in {path.name} cannot be read.",
            hint=f"Restore weights/{path.name} from the repository, or train the model again.",
        ) from error


def model_card(entry: ModelEntry) -> str:
    """Read the model card.

    Returns:
        Markdown.

    Raises:
        ModelUnavailable: If the file is missing or not UTF-8.
    """
    try:
        return (settings().weights_dir / entry.card).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelUnavailable(
            f"There is no model card for {entry.id}.",
            hint=f"Restore weights/{entry.card} from the repository.",
        ) from error
