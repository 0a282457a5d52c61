"""A Case as one ZIP file that holds all it takes to compute it again: python -m xray replay BUNDLE."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import zipfile
from dataclasses import asdict, replace
from typing import Literal

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field

from xray import NOTICE, __version__
from xray.explain import METHODS
from xray.io.encode import case_json, npy
from xray.models.ensemble import load_model
from xray.pipeline import Request
from xray.report.markdown import markdown
from xray.report.types import Report
from xray.types import Case

MANIFEST, CASE, PIXELS = "manifest.json", "case.json", "pixels.npy"
MOST_REQUESTS = 100
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same Case gives the same bytes


class Manifest(BaseModel):
    """requests: what to ask the pipeline for again. weights: sha256 of every network that answered. members:
    sha256 of every other file of the bundle.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["xray bundle 1"] = "xray bundle 1"
    notice: str = NOTICE
    requests: tuple[Request, ...] = Field(min_length=1, max_length=MOST_REQUESTS)
    weights: dict[str, str]
    versions: dict[str, str]
    members: dict[str, str]


def bundle(case: Case, report: Report | None = None, *, pixels: bool = True) -> bytes:
    """Case, raw maps, parameters, hashes, versions, the report if any; without pixels a replay asks for the
    film. Raises ModelUnavailable where the model is no longer to be had.
    """
    members = {CASE: case_json(case).encode()}
    if pixels:
        members[PIXELS] = npy(case.radiograph.pixels)
    for number, one in enumerate(case.explanations, 1):
        members[map_name(number)] = npy(one.raw_map)
    if report:
        members["report.json"] = json.dumps(asdict(report), indent=2, ensure_ascii=False).encode()
        members["report.md"] = markdown(case, report).encode()
    manifest = Manifest(
        requests=requests_of(case),
        weights=weights_of(case.prediction.model_id),
        versions=versions(),
        members={name: hashlib.sha256(content).hexdigest() for name, content in members.items()},
    )
    return packed({MANIFEST: manifest.model_dump_json(indent=2).encode(), **members})


def packed(members: dict[str, bytes]) -> bytes:
    """Files by name as a ZIP file; arrays as they are, the rest deflated."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            how = zipfile.ZIP_STORED if name.endswith(".npy") else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, LONG_AGO), content, how)
    return buffer.getvalue()


def map_name(number: int) -> str:
    """The file of an explanation, by its place in the Case from 1 on."""
    return f"maps/{number:03}.npy"


def requests_of(case: Case) -> tuple[Request, ...]:
    """What gives a Case again: a request for each method of one pass, and for each finding of another one."""
    said = case.prediction
    same = bool((said.thresholds == said.thresholds[0]).all())
    plain = Request(
        said.model_id,
        None,
        threshold=float(said.thresholds[0]) if same else None,
        anyway=not case.gate.accepted,
        intervals=said.intervals is not None,
    )
    asked = {
        (one.method, None if METHODS[one.method].cost == "one pass" else one.finding): None
        for one in case.explanations
    }
    return tuple(replace(plain, method=name, finding=finding) for name, finding in asked) or (plain,)


def weights_of(model_id: str) -> dict[str, str]:
    """sha256 of a model's weights, and of every member's of an ensemble. Raises ModelUnavailable."""
    model = load_model(model_id)
    return {one.entry.id: one.entry.sha256 for one in (model, *model.members)}


def versions() -> dict[str, str]:
    """What may move the last digits of a result."""
    return {
        "xray": __version__,
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "machine": f"{platform.machine()}, {torch.get_num_threads()} threads",
    }
