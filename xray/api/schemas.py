"""Schemas of requests and responses for OpenAPI; a Case is as python -m xray analyze --json prints it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

from fastapi import File, Form, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from xray import NOTICE, __version__
from xray.api.problems import Problem
from xray.api.work import MapUpload, Options
from xray.types import Color, GateKind, Verdict
from xray.types.answer import Certainty
from xray.types.explanation import Support

EXAMPLE = json.loads(Path(__file__).with_name("example.json").read_text(encoding="utf-8"))
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


class Link(Exact):
    """Links to one explanation."""

    finding: str
    png: str = Field(description="Overlay at source resolution.")
    npy: str = Field(description="Raw map in NumPy's file format.")


class CheckFacts(Exact):
    """One check of an explanation."""

    name: str
    value: float | None
    baseline: float | None = Field(description="The same value for random maps.")
    centered: float | None = Field(description="The same value for a centered Gaussian.")
    verdict: Verdict
    why: str
    seconds: float
    details: dict[str, float | None]


class VerdictFacts(Exact):
    """The verdict on a map, from its checks."""

    support: Support
    reason: str
    score: float | None = Field(
        description="Change of the log-odds by hiding and by showing only the highlighted regions, together."
    )
    meaningless_supported: float | None = Field(
        description="Largest share, over kinds of maps without meaning, that are called supported."
    )
    true_supported: float | None = Field(description="Share of true maps that are called supported.")


class Evidence(Exact):
    """The checks of one finding's explanation, and the verdict on it."""

    finding: str
    method: str
    checks: list[CheckFacts]
    verdict: VerdictFacts


class Result(Exact):
    """The result of one file: a Case or a problem."""

    case: CaseFacts | None
    maps: list[Link]
    evidence: list[Evidence]
    problem: Problem | None


class Answer(Exact):
    """One result per file, in the order of the files."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    results: list[Result]
    maps_kept_seconds: float = Field(
        description="How long the links to maps work; under memory pressure they expire earlier."
    )


class ModelFacts(Exact):
    """One model of the registry."""

    id: str
    title: str
    task: str
    default: bool
    available: bool = Field(description="Whether the model can run; otherwise it must be fetched first.")
    findings: list[str]
    thresholds: list[Probability]
    regions: list[str]
    architecture: str
    input_size: int
    weights_sha256: str
    trained_on: str
    licence: str


class ModelInfo(ModelFacts):
    """One model and the methods that can explain it."""

    notice: str = NOTICE
    version: str = __version__
    methods: dict[str, str] = Field(
        description="Why each method does not apply to the model; empty if it applies."
    )


class Ready(Exact):
    """The default model works."""

    status: Literal["ready"] = "ready"
    version: str = __version__


def options(
    model: Annotated[str | None, Form(description="Model id; by default the first of /api/models.")] = None,
    finding: Annotated[
        list[str] | None,
        Form(description="Findings to link, check and, with a slow method, explain; repeat the field."),
    ] = None,
    method: Annotated[str, Form(description="Explanation method, or none for no maps.")] = "gradcam",
    threshold: Annotated[
        float | None, Form(ge=0, le=1, description="One operating point for all findings.")
    ] = None,
    anyway: Annotated[bool, Form(description="Also analyze films that the input gate refuses.")] = False,
    intervals: Annotated[
        bool, Form(description="Compute intervals of the probabilities; false is three times as fast.")
    ] = True,
    evidence: Annotated[bool, Form(description="Run every check on the maps; slow.")] = False,
    map: Annotated[
        UploadFile | None,
        File(description="A map of the film, NPY or gray PNG, that takes the place of a method."),
    ] = None,
    map_scale: Annotated[
        list[float] | None,
        Form(min_length=2, max_length=2, description="Values of black and white of a PNG map; two fields."),
    ] = None,
) -> Options:
    """Options from the form fields that accompany films."""
    chosen = None if method == "none" or map else method
    scale = (map_scale[0], map_scale[1]) if map_scale else None
    given = None if map is None else MapUpload(map.filename or "", map.file.read(), scale)
    return Options(model, chosen, tuple(finding or ()), threshold, anyway, intervals, evidence, given)
