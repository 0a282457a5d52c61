"""The measured figures of a model, and the model card.

weights/ID.json holds the figures; weights/ID.md is the card, which is shown and never parsed.
"""

from __future__ import annotations

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
