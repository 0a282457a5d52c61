"""What a check must beat to be passed, measured beforehand on validation films, kept beside the weights.

A limit is what 95% of maps that explain another film stay under. Such a map is as smooth and as centered as a
true one, and has nothing to do with the film at hand.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from xray.evidence.context import Candidate, Subject
from xray.evidence.registry import CHECKS
from xray.geometry import Affine
from xray.models.registry import ModelEntry
from xray.settings import settings

SHARE = 0.95


def limits_file(model_id: str) -> Path:
    return settings().weights_dir / f"{model_id}-evidence.json"


def study_file(model_id: str) -> Path:
    return settings().weights_dir / f"{model_id}-explanations.json"


def kept(path: Path, entry: ModelEntry) -> dict[str, Any]:
    """What was measured of these very weights and kept in a file; empty where nothing was."""
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return told if told["weights_sha256"] == entry.sha256 else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def limits_of(entry: ModelEntry, method: str) -> dict[str, float]:
    """The limits of a model's maps by one method, by check; empty where none were measured."""
    told = kept(limits_file(entry.id), entry)
    try:
        return {name: float(one["limit"]) for name, one in told["limits"][method].items()}
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}


def foreign_values(subject: Subject, other: Subject) -> dict[str, float]:
    """What every check with a limit measures on a film with another one's map; nothing if it is empty."""
    foreign = Affine.stretch(other.shape, subject.shape).warp(other.own.map, subject.shape)
    candidate = Candidate(foreign, subject.own.again)
    if subject.silence(candidate):
        return {}
    return {name: one.null(subject, candidate) for name, one in CHECKS.items() if one.null}


def limits_from(values: Mapping[str, list[float]]) -> dict[str, dict[str, float]]:
    """{check: {"limit", "median", "n"}} from what was measured on films; undefined values do not count."""
    found = {}
    for name, measured in values.items():
        some = np.array(measured)[np.isfinite(measured)]
        if not len(some):
            continue
        found[name] = {
            "limit": round(float(np.quantile(some, SHARE)), 4),
            "median": round(float(np.median(some)), 4),
            "n": len(some),
        }
    return found
