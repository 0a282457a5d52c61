"""Limits of the checks, measured on validation films and stored with the weights.

A limit is the 95th percentile of the values of maps of other films. Such a map is as smooth and as centered
as a map of the film itself, but unrelated to it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from xray.evidence.context import Candidate, CheckContext
from xray.evidence.registry import CHECKS
from xray.geometry import Affine
from xray.models.registry import ModelEntry
from xray.settings import settings

SHARE = 0.95


def limits_file(model_id: str) -> Path:
    """Path of the limits of a model's checks."""
    return settings().weights_dir / f"{model_id}-evidence.json"


def study_file(model_id: str) -> Path:
    """Path of the figures of a model's explanations."""
    return settings().weights_dir / f"{model_id}-explanations.json"


def kept(path: Path, entry: ModelEntry) -> dict[str, Any]:
    """Read the figures of a file; empty if it is missing, damaged or of other weights."""
    try:
        figures: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return figures if figures["weights_sha256"] == entry.sha256 else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def limits_of(entry: ModelEntry, method: str) -> dict[str, float]:
    """Return the limits of a model and a method, by check; empty if they were not measured."""
    figures = kept(limits_file(entry.id), entry)
    try:
        return {name: float(figure["limit"]) for name, figure in figures["limits"][method].items()}
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}


def null_values(context: CheckContext, other: CheckContext) -> dict[str, float]:
    """Measure the map of another film, by check; empty for a map without positive evidence."""
    shape = context.film.shape
    unrelated = Affine.stretch(other.film.shape, shape).warp(other.candidate.map, shape)
    candidate = Candidate(unrelated, context.candidate.remake)
    if context.without_evidence(candidate):
        return {}
    return {name: check.null_value(context, candidate) for name, check in CHECKS.items() if check.null_value}


def limits_from(values: Mapping[str, list[float]]) -> dict[str, dict[str, float]]:
    """Return limit, median and n of measured values, by check; values that are not finite are ignored."""
    limits = {}
    for name, measured in values.items():
        finite = np.array(measured)[np.isfinite(measured)]
        if not len(finite):
            continue
        limits[name] = {
            "limit": round(float(np.quantile(finite, SHARE)), 4),
            "median": round(float(np.median(finite)), 4),
            "n": len(finite),
        }
    return limits
