"""Schemas of a Case for OpenAPI, as python -m xray analyze --json prints it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from xray.types import Color, GateKind
from xray.types.answer import Certainty

Probability = Annotated[float, Field(ge=0, le=1)]


class Exact(BaseModel):
    """Base of all schemas: unknown fields are errors."""

    model_config = ConfigDict(extra="forbid")


class Gate(Exact):
    """Result of the input gate."""

    accepted: bool
    kind: GateKind
    reason: str


class Familiarity(Exact):
    """How close a film is to the training films of the input gate."""

    region: str = Field(description="The model's region that the film is compared with.")
    closer_than: Probability = Field(
        description="Share of new good films of this region that are farther from the training films."
    )
    sentence: str


class Box(Exact):
    """One detected box."""

    finding: str
    score: Probability
    xyxy: tuple[float, float, float, float] = Field(
        description="Left, top, right and bottom in source pixels."
    )


class MapFileFacts(Exact):
    """The file of a map that the request contains."""

    name: str
    sha256: str = Field(description="Of the file's bytes.")
    scale: list[float] | None = Field(description="Values of black and white of a picture.")
    note: str = Field(description="How the map was brought to the film; empty if it has the film's size.")


class Map(Exact):
    """One explanation."""

    finding: str
    method: str
    layer: str
    raw_max: float
    raw_map: list[list[float]] = Field(description="(h, w), signed, in units of the finding's logit.")
    to_source: list[list[float]] = Field(description="Affine (2, 3) from the map's grid to source pixels.")
    file: MapFileFacts | None = Field(None, description="Only of a map that the request contains.")


class ZoneShares(Exact):
    """Where the positive values of one explanation lie."""

    finding: str
    method: str
    shares: dict[str, Probability] = Field(
        description="Share in each zone of the lungs, and outside the lungs; they add up to 1."
    )


class LungFacts(Exact):
    """The lungs on a chest film."""

    problem: str = Field(description="Why the lungs are undetermined; otherwise empty.")
    outlines: list[list[tuple[float, float]]] = Field(
        description="Polygon (x, y) in source pixels of each lung, that on the left of the image first."
    )
    evidence: list[ZoneShares]


class AnswerFacts(Exact):
    """What the model calls and how certain that is, from operating points, prediction set and intervals."""

    finding: str = Field(
        description="The called finding with the highest margin over its operating point; the most likely "
        "one if none is called."
    )
    called: list[str] = Field(description="Findings at or above their operating points.")
    certainty: Certainty
    confidence: Literal["", "high", "good", "moderate", "low"] = Field(
        description="From 90, 70, 50 or 0%, if a finding is called with certainty; otherwise empty."
    )
    reasons: list[str] = Field(description="Why the answer is uncertain.")
    statement: str


class CaseFacts(Exact):
    """One radiograph with its prediction and explanations; lists are in the order of findings."""

    file: str
    notice: str
    version: str
    pixels_sha256: str
    height: int
    width: int
    bit_depth: int
    spacing_mm: list[float] | None = Field(description="Distance of pixel centers, down and across.")
    view: str | None
    modality: str = Field(description="Modality in the header if it has no radiographs, such as CT.")
    simulated: bool
    notes: list[str] = Field(description="Changes that were made when the film was read.")
    color: Color = Field(description="A uniform tint and colored letters count as gray.")
    gate: Gate
    familiarity: Familiarity | None
    fallback: str = Field(description="Which model replaces the requested one, and why; otherwise empty.")
    organ: str
    model_id: str
    weights_sha256: str
    findings: list[str]
    probabilities: list[Probability] = Field(description="Calibrated.")
    logits: list[float]
    thresholds: list[float] = Field(description="Operating points on the probabilities.")
    intervals: list[list[float]] = Field(description="Interval of each probability; empty unless requested.")
    prediction_set: list[str] = Field(description="Findings that cannot be ruled out.")
    answers: list[Literal["present", "absent", "cannot tell"]] = Field(
        description="What the prediction set of each finding leaves possible."
    )
    answer: AnswerFacts
    boxes: list[Box] | None
    explanations: list[Map]
    lungs: LungFacts | None = Field(None, description="Of explained chest films.")
