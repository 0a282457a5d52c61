"""Writing of bundles: one ZIP file with everything that is needed to recompute a Case."""

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
from xray.errors import InvalidRequest
from xray.explain import METHODS
from xray.io.encode import case_json, npy
from xray.models.ensemble import load_model
from xray.pipeline import Request
from xray.report.markdown import markdown
from xray.report.types import Report
from xray.types import Case

MANIFEST, CASE, PIXELS = "manifest.json", "case.json", "pixels.npy"
MAX_REQUESTS = 100
TIMESTAMP = (1980, 1, 1, 0, 0, 0)  # fixed, so that equal Cases give equal bytes


class Manifest(BaseModel):
    """Contents of manifest.json.

    Attributes:
        format: Name and version of the file format.
        notice: Intended use.
        requests: Requests that give the Case again.
        weights: sha256 of the weights of every network that was used.
        versions: Versions of software that may affect the results.
        members: sha256 of every other file of the bundle.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["xray bundle 1"] = "xray bundle 1"
    notice: str = NOTICE
    requests: tuple[Request, ...] = Field(min_length=1, max_length=MAX_REQUESTS)
    weights: dict[str, str]
    versions: dict[str, str]
    members: dict[str, str]


def bundle(case: Case, report: Report | None = None, *, pixels: bool = True) -> bytes:
    """Write a Case as a bundle: Case, raw maps, requests, hashes, versions and report.

    Args:
        case: The Case.
        report: Its report, if any.
        pixels: Whether the bundle contains the film; without it, a replay needs the film.

    Returns:
        Contents of the ZIP file; equal Cases give equal bytes.

    Raises:
        ModelUnavailable: If the model cannot be loaded.
        InvalidRequest: If a map comes from a file.
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
    """Pack files by name into a ZIP file; arrays are stored, other files deflated."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            compression = zipfile.ZIP_STORED if name.endswith(".npy") else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, TIMESTAMP), content, compression)
    return buffer.getvalue()


def map_name(number: int) -> str:
    """Name of the file of an explanation; number: its position in the Case, from 1."""
    return f"maps/{number:03}.npy"


def requests_of(case: Case) -> tuple[Request, ...]:
    """Requests that give a Case again: one per method that explains all findings, else one per finding.

    Raises:
        InvalidRequest: If a map comes from a file.
    """
    for explanation in case.explanations:
        if explanation.file:
            raise InvalidRequest(
                f"The map from {explanation.file.name} cannot be part of a bundle, which is computed again.",
                "Export the Case as JSON instead, or choose an explanation method.",
            )
    prediction = case.prediction
    same = bool((prediction.thresholds == prediction.thresholds[0]).all())
    plain = Request(
        prediction.model_id,
        None,
        threshold=float(prediction.thresholds[0]) if same else None,
        anyway=not case.gate.accepted,
        intervals=prediction.intervals is not None,
    )
    explained = {
        (item.method, None if METHODS[item.method].explains_all else item.finding): None
        for item in case.explanations
    }
    return tuple(replace(plain, method=name, finding=finding) for name, finding in explained) or (plain,)


def weights_of(model_id: str) -> dict[str, str]:
    """sha256 of the weights of a model and of its members, by model id. Raises ModelUnavailable."""
    model = load_model(model_id)
    return {part.entry.id: part.entry.sha256 for part in (model, *model.members)}


def versions() -> dict[str, str]:
    """Versions of software and the machine, which may affect the last digits of a result."""
    return {
        "xray": __version__,
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "machine": f"{platform.machine()}, {torch.get_num_threads()} threads",
    }
