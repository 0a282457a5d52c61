"""Schemas of requests and responses for OpenAPI."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

from fastapi import File, Form, UploadFile
from pydantic import ConfigDict, Field

from xray import NOTICE, __version__
from xray.api.case_schemas import CaseFacts, Exact, Probability
from xray.api.problems import Problem
from xray.api.work import MapUpload, Options
from xray.types import Verdict
from xray.types.explanation import Support

EXAMPLE = json.loads(Path(__file__).with_name("example.json").read_text(encoding="utf-8"))


class Link(Exact):
    """Links to one explanation."""

    finding: str
    png: str = Field(description="Overlay at source resolution.")
    npy: str = Field(description="Raw map in NumPy's file format.")


class CheckFacts(Exact):
    """One check of an explanation."""

    name: str
    value: float | None
    baseline: float | None = Field(description="The value for maps without meaning.")
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
        description="Change of the log-odds by hiding and by showing only the highlighted regions, together, "
        "less that of two copies of the map, mirrored and turned by 180 degrees."
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
