"""What is known of a model, read from the files beside its weights: measured figures and the card."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from xray.errors import ModelUnavailable
from xray.models.registry import ModelEntry
from xray.settings import settings

Values = list[float | None]  # None where undefined


class Facts(BaseModel):
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
    """Films that were given about the same probability."""

    stated: float
    observed: float
    low: float | None
    high: float | None
    n: int


class FindingFigures(Facts):
    n: int
    positives: int
    threshold: float
    metrics: dict[str, Estimate]
    curve: Curve
    reliability: list[Bin]

    @property
    def prevalence(self) -> float:
        return self.positives / self.n


class Conformal(Facts):
    target: float
    coverage: dict[str, Estimate]
    cannot_tell: float


class RiskCoverage(Facts):
    coverage: Values
    risk: Values


class SourceFigures(Facts):
    """What was measured on the films of one collection."""

    n: int
    metrics: dict[str, Estimate]


class Figures(SourceFigures):
    """What was measured on some films (xray.train.figures)."""

    weights_sha256: str
    split: str
    patients: int
    interval: str
    findings: dict[str, FindingFigures] = {}
    conformal: Conformal | None = None
    risk_coverage: RiskCoverage | None = None
    confusion: list[list[int]] | None = None
    sources: dict[str, SourceFigures] = {}


class Epoch(Facts):
    stage: str
    loss: float | None
    validation_loss: float | None


class Spread(Facts):
    widening: float
    validation: float
    width: float


class Intervals(Facts):
    target: float
    augmentation: Spread | None = None
    dropout: Spread | None = None
    chosen: Literal["augmentation", "dropout"]
    test: float | None = None


class ModelFigures(Facts):
    """All that is in weights/ID.json; what was not measured is absent."""

    test: Figures | None = None
    validation: Figures | None = None
    validation_uncalibrated: dict[str, Estimate] = {}
    other_source: Figures | None = None
    shrunk: Figures | None = None
    intervals: Intervals | None = None
    epochs: list[Epoch] = []
    seconds: float | None = None
    machine: str | None = None
    learning_films: int | None = None
    helping_films: int | None = None


def model_figures(entry: ModelEntry) -> ModelFigures:
    """The measured figures of a model. Raises ModelUnavailable where there are none that can be read."""
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
    """The model card as Markdown. Raises ModelUnavailable."""
    try:
        return (settings().weights_dir / entry.card).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelUnavailable(
            f"There is no model card for {entry.id}.",
            hint=f"Restore weights/{entry.card} from the repository.",
        ) from error
