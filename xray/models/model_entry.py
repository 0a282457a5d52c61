"""The facts of a model and of a segmentation network, as a registry lists them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from xray.errors import InvalidRequest


class ModelEntry(BaseModel):
    """The facts of a model.

    Attributes:
        kind: `bundled` weights are stored beside the registry; `torchxrayvision` and `huggingface` models are
            downloaded on request; an `ensemble` averages the calibrated logits of its members.
        findings: Names (K) in output order.
        regions: Body regions of the training films.
        source: Name of a public model in its collection.
        revision: Revision of a public model: a commit of the Hugging Face Hub, or the sha256 of the file
            of TorchXRayVision.
        normalization: `film` scales each film to mean 0 and deviation 1, `imagenet` uses ImageNet's values,
            `symmetric` is [-1, 1], `xrv` is [-1024, 1024] in one channel, `unit` is [0, 1].
        fit: Whether a film is stretched to a square of `input_size`, or scaled so that this is its long side.
        scale: Factors (K) of the logits, for calibration; empty for 1.
        shift: Shifts (K) of the scaled logits, for calibration; empty for 0.
        thresholds: Operating points (K) on calibrated probabilities.
        present: Probabilities (K) from which presence stays in the prediction set (see conformal.py).
        absent: The same for absence, on 1 - probability.
        spread: Source of variation for the intervals.
        widening: Factor of the intervals.
        test_share: Share of the films that was held out from training (see train.data.read_dataset).
        own_split: Whether the data set defines its split.
        teaching: Whether the model was made to be wrong, for lessons; it is not offered for analysis.
        bank: File with features of training films, of the input gate.
        bank_sha256: Hash of this file.
        neighbors: File with embeddings of training films (see models.neighbors).
        neighbors_sha256: Hash of this file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    task: str
    kind: Literal["bundled", "torchxrayvision", "huggingface", "ensemble"] = "bundled"
    architecture: str = ""
    findings: tuple[str, ...]
    regions: tuple[str, ...] = ()
    weights: str = ""
    sha256: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    source: str = ""
    revision: str = ""
    members: tuple[str, ...] = ()
    input_size: int = Field(default=224, gt=0)
    normalization: Literal["film", "imagenet", "symmetric", "xrv", "unit"] = "film"
    fit: Literal["stretch", "letterbox"] = "stretch"
    activation: Literal["softmax", "sigmoid"]
    scale: tuple[float, ...] = ()
    shift: tuple[float, ...] = ()
    thresholds: tuple[float, ...]
    present: tuple[float, ...] = ()
    absent: tuple[float, ...] = ()
    spread: Literal["augmentation", "dropout"] = "augmentation"
    widening: float = Field(default=2.0, ge=0)
    target_layer: str = ""
    test_share: float = 0.0
    own_split: bool = False
    teaching: bool = False
    bank: str = ""
    bank_sha256: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    neighbors: str = ""
    neighbors_sha256: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    trained_on: str
    licence: str

    @model_validator(mode="after")
    def one_value_per_finding(self) -> ModelEntry:
        """Check that every list has one value per finding."""
        for name in ("thresholds", "scale", "shift", "present", "absent"):
            given = len(getattr(self, name))
            if given != len(self.findings) and (given or name == "thresholds"):
                raise ValueError(f"expected {len(self.findings)} {name}, got {given}")
        return self

    @property
    def scaling(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Factor and shift of every logit (K), (K)."""
        return self.scale or (1.0,) * len(self.findings), self.shift or (0.0,) * len(self.findings)

    @property
    def for_analysis(self) -> bool:
        """Whether users analyze films with it, unlike the input gate's network and those made for lessons."""
        return self.task != "gate" and not self.teaching

    def spelled(self, finding: str) -> str:
        """Return a finding as the model spells it, ignoring case. Raises InvalidRequest."""
        for known in self.findings:
            if known.casefold() == finding.casefold():
                return known
        raise InvalidRequest(
            f"{self.id} does not report {finding!r}.", hint=f"It reports: {', '.join(self.findings)}."
        )

    @property
    def card(self) -> str:
        """File name of the model card."""
        return f"{self.id}.md"


class SegmentationEntry(BaseModel):
    """The facts of a segmentation network, which is no model that a user can choose.

    Attributes:
        input_size: Side of the square that a film is stretched to, in px.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    architecture: str
    weights: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    input_size: int = Field(gt=0)
    trained_on: str
    licence: str
