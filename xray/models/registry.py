"""Facts about every model, read from weights/registry.toml; nothing here touches a network."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from xray.errors import InvalidRequest, ModelUnavailable
from xray.settings import settings


class ModelEntry(BaseModel):
    """One model's facts.

    findings: names (K) in output order. thresholds: operating points (K) on calibrated probabilities.
    normalization: `film` scales each film to mean 0 and deviation 1, `imagenet` uses ImageNet's values.
    temperature: divides the logits before the activation (Guo et al. 2017, arXiv:1706.04599).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    task: str
    architecture: str
    findings: tuple[str, ...]
    weights: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    input_size: int = Field(gt=0)
    normalization: Literal["film", "imagenet"]
    activation: Literal["softmax", "sigmoid"]
    temperature: float = Field(gt=0)
    thresholds: tuple[float, ...]
    target_layer: str
    trained_on: str
    licence: str

    @model_validator(mode="after")
    def one_threshold_per_finding(self) -> ModelEntry:
        if len(self.thresholds) != len(self.findings):
            raise ValueError(f"expected {len(self.findings)} thresholds, got {len(self.thresholds)}")
        return self

    def spelled(self, finding: str) -> str:
        """A finding's name as the model spells it, in whatever case it is given. Raises InvalidRequest."""
        for known in self.findings:
            if known.casefold() == finding.casefold():
                return known
        raise InvalidRequest(
            f"{self.id} does not report {finding!r}.", hint=f"It reports: {', '.join(self.findings)}."
        )

    @property
    def card(self) -> str:
        return f"{self.id}.md"


def registry_file() -> Path:
    return settings().weights_dir / "registry.toml"


def entries() -> tuple[ModelEntry, ...]:
    """Every registered model, the default first. Raises ModelUnavailable for an unreadable registry."""
    path = registry_file()
    try:
        listed = tomllib.loads(path.read_text(encoding="utf-8")).get("model", [])
        found = tuple(ModelEntry.model_validate(one) for one in listed)
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ModelUnavailable(
            f"The model registry {path.name} cannot be read.",
            hint="Restore weights/ from the repository, or point XRAY_WEIGHTS_DIR at a folder that has one.",
        ) from error
    if not found:
        raise ModelUnavailable(f"{path.name} lists no model.", hint="Train one: python -m xray train NAME.")
    return found


def entry(model_id: str | None = None) -> ModelEntry:
    """The entry of a model, by default the first one. Raises ModelUnavailable for an unknown id."""
    known = entries()
    if model_id is None:
        return known[0]
    for one in known:
        if one.id == model_id:
            return one
    raise ModelUnavailable(
        f"There is no model {model_id!r}.", hint=f"Known models: {', '.join(one.id for one in known)}."
    )
