"""Limits of the checks, measured on validation films and stored with the weights.

The films have an inserted lesion, so true maps are known (see inserted_lesion.py); maps without meaning are
made of several kinds (see meaningless.py). At most 5% of each kind pass the limit of a check.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from xray.evidence.context import Limit
from xray.evidence.inserted_lesion import RISE
from xray.evidence.meaningless import GAUSSIAN, KINDS
from xray.settings import settings
from xray.types import Explanation

SHARE = 0.95
FEWEST = 20  # values that a limit needs, so that 5% of them are one
LESION, MAP = TRUE_MAPS = "lesion", "map"  # the lesion's region, and the map of the first method
TRUE = "true"
EFFECT, DIFFERENCE = "effect", "difference"  # deletion and insertion together, and less those of the copies


def limits_file(model_id: str) -> Path:
    """Path of the limits of a model's checks."""
    return settings().weights_dir / f"{model_id}-evidence.json"


def study_file(model_id: str) -> Path:
    """Path of the figures of a model's explanations."""
    return settings().weights_dir / f"{model_id}-explanations.json"


def kept(path: Path, sha256: str) -> dict[str, Any]:
    """Read the figures of a file; empty if it is missing, damaged or of weights with another hash."""
    try:
        figures: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return figures if figures["weights_sha256"] == sha256 else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def limits_of(explanation: Explanation) -> dict[str, Limit]:
    """Return the limits of a model and a method, by check; empty if they were not measured.

    Limits of checks of the map alone hold for every method.
    """
    figures = kept(limits_file(explanation.model_id), explanation.weights_sha256)
    try:
        measured = figures["limits"]["*"] | figures["limits"].get(explanation.method, {})
        return {
            name: Limit(*(float(figure.get(key, math.nan)) for key in ("limit", "median", "centered")))
            for name, figure in measured.items()
        }
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}


def limits_from(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, dict[str, float]]]:
    """Compute limits from measured films (see measurement.py).

    Returns:
        By method, `*` for all, and check: the limit, and the median of meaningless maps and of the centered
        Gaussian.
    """
    shared = {}
    for check in ("deletion", "insertion", "road", "agreement"):
        values = by_kind(rows, check)
        shared[check] = {
            "limit": highest(values),
            "median": median(value for kind in KINDS for value in values[kind]),
            "centered": median(values[GAUSSIAN]),
        }
    redrawn = [value for row in rows for value in row["random maps"]["stability"]]
    shared["stability"] = {"limit": upper(redrawn), "median": median(redrawn)}
    shared["shortcut"] = {"limit": shortcut_limit([row["shortcut"] for row in rows])}
    limits = {"*": shared}
    for method in rows[0]["methods"]:
        measured = [row["methods"][method] for row in rows]
        hits = [one for one in measured if one["hit"]]
        chosen = hits if len(hits) >= FEWEST else measured
        true = [one["randomization"] for one in chosen]
        limits[method] = {"randomization": {"limit": (1 + upper(true)) / 2, "median": 1.0, "centered": 1.0}}
    return {
        method: {
            check: {key: round(value, 4) for key, value in figures.items() if math.isfinite(value)}
            for check, figures in checks.items()
        }
        for method, checks in limits.items()
    }


def shortcut_limit(changes: Sequence[float]) -> float:
    """The change of the logit that 95% of films without a shortcut stay below; smaller ones do not count."""
    return max(RISE, upper(changes))


def by_kind(rows: Sequence[Mapping[str, Any]], check: str) -> dict[str, list[float]]:
    """Values of a check by kind of map, and under TRUE those of true maps."""
    values: dict[str, list[float]] = {kind: [] for kind in (TRUE, *KINDS)}
    for row in rows:
        for kind, measured in row["maps"].items():
            if check in measured:
                values[TRUE if kind in TRUE_MAPS else kind].append(measured[check])
    return values


def highest(values: Mapping[str, Sequence[float]]) -> float:
    """The value that at most 5% of each kind of meaningless maps reach, of values by kind."""
    return max(upper(values[kind]) for kind in KINDS if values[kind])


def upper(values: Sequence[float]) -> float:
    """The value that at most 5% of values reach, and on average at most 5% of further ones like them.

    It is an order statistic, as in conformal prediction (Vovk et al. 2005), for values without ties. Of n
    values, fewer than 20, it is the highest, which 1 / (n + 1) of further ones reach.
    """
    rank = math.ceil(round(SHARE * len(values), 9)) + 1
    return float(sorted(values)[min(rank, len(values)) - 1])


def lower(values: Sequence[float]) -> float:
    """The value that at most 5% of values are below (see upper)."""
    return -upper([-value for value in values])


def median(values: Iterable[float]) -> float:
    """The median; NaN without values."""
    found = list(values)
    return float(np.median(found)) if found else math.nan
