"""The rule of the verdict, and how well checks and verdict tell true maps from maps without meaning.

Both are measured on films with known evidence (see known_evidence.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xray.evidence.limits import DIFFERENCE, EFFECT, MAP, TRUE, TRUE_MAPS, by_kind, highest, lower, maps_of
from xray.evidence.meaningless import KINDS
from xray.evidence.verdict import support_of
from xray.train import metrics
from xray.types import Support

Rows = Sequence[Mapping[str, Any]]
Share = dict[str, float]
Verdicts = dict[str, list[tuple[str, Support]]]
CHECKS = ("deletion", "insertion", "road", "agreement")


def auroc(true: Sequence[float], meaningless: Sequence[float]) -> float:
    """Probability that a true map has a higher value than a meaningless one; half of the ties count."""
    values = np.array([*true, *meaningless], np.float64)
    figure = metrics.auroc(values, np.repeat([1.0, 0.0], [len(true), len(meaningless)]))
    return float(figure(np.ones((1, len(values))))[0])


def share(passed: Sequence[bool], films: int | None = None) -> Share:
    """Share of passed maps with Wilson's 95% interval, and n.

    Args:
        passed: By map.
        films: Number of films of which the maps are, if a film has several: maps of one film are not
            independent, so that the interval is that of as many maps as films.
    """
    value, n = float(np.mean(passed)), films or len(passed)
    low, high = metrics.wilson(round(value * n), n)
    return {"value": round(value, 4), "low": round(low, 4), "high": round(high, 4), "n": len(passed)}


def rule_from(rows: Rows, limits: Mapping[str, Any]) -> dict[str, float]:
    """Fix the limits of the verdict on measured films (see evidence.measurement).

    At most 5% of each kind of meaningless maps reach `supported` and `effect`. At most 5% of true maps are
    below `not supported`, which is never above `supported`. The rates are those of the same films, until
    the benchmark of the checks measures them on test films.

    Args:
        rows: The films.
        limits: Limits of the checks (see evidence.limits.limits_from).
    """
    differences = by_kind(rows, DIFFERENCE)
    supported = highest(differences)
    rule = {
        "supported": round(supported, 4),
        "not supported": round(min(lower(differences[TRUE]), supported), 4),
        "effect": round(highest(by_kind(rows, EFFECT)), 4),
    }
    found = verdict_rates(rows, {"limits": limits, "verdict": rule})
    return rule | {
        "auroc": found["auroc"],
        "meaningless_supported": max(kind["value"] for kind in found["meaningless"].values()),
        "true_supported": found[TRUE]["value"],
    }


def rates(rows: Rows, figures: Mapping[str, Any]) -> dict[str, Any]:
    """Measure checks and verdict on films that were not used to set the limits.

    Args:
        rows: Measured films (see evidence.measurement).
        figures: Limits and rule of the verdict, as they are stored.

    Returns:
        By check, and for the verdict: AUROC over all kinds and the lowest of a kind, the share of maps of
        each kind that pass (that are called supported), and that of true maps, with 95% intervals.
    """
    limits = figures["limits"]["*"]
    shortcuts = [row["shortcut"] <= limits["shortcut"]["limit"] for row in rows]
    return {
        "films": len(rows),
        "checks": {name: _of(by_kind(rows, name), limits[name]["limit"]) for name in CHECKS},
        "randomization": _randomization(rows, figures),
        "shortcut": {"none found": share(shortcuts)},
        "verdict": verdict_rates(rows, figures),
    }


def _of(values: Mapping[str, Sequence[float]], limit: float) -> dict[str, Any]:
    return _aurocs(values) | {
        "meaningless": {
            kind: share([value >= limit for value in values[kind]]) for kind in KINDS if values[kind]
        },
        TRUE: share([value >= limit for value in values[TRUE]]),
    }


def _aurocs(values: Mapping[str, Sequence[float]]) -> dict[str, float]:
    kinds = [values[kind] for kind in KINDS if values[kind]]
    return {
        "auroc": round(auroc(values[TRUE], [value for some in kinds for value in some]), 3),
        "auroc, worst kind": round(min(auroc(values[TRUE], some) for some in kinds), 3),
    }


def verdict_rates(rows: Rows, figures: Mapping[str, Any]) -> dict[str, Any]:
    """Measure how often the verdict is `supported` or `not supported`, by kind of map.

    Meaningless maps are pictures, which are not made again, so no objection of Randomization rejects them; a
    map of the method is rejected by its objections.
    """
    verdicts = _verdicts(rows, figures)
    true = verdicts[TRUE]
    films = sum(any(kind in TRUE_MAPS for kind, _ in maps_of(row)) for row in rows)
    supports = [support for _, support in true]
    lesions = sorted({lesion for lesion, _ in true})
    return _aurocs(by_kind(rows, DIFFERENCE)) | {
        "meaningless": {
            kind: share([support == "supported" for _, support in verdicts[kind]])
            for kind in KINDS
            if verdicts[kind]
        },
        TRUE: share([support == "supported" for support in supports], films),
        "true, not supported": share([support == "not supported" for support in supports], films),
        "true, by lesion": {
            lesion: share([support == "supported" for kind, support in true if kind == lesion])
            for lesion in lesions
        },
    }


def _verdicts(rows: Rows, figures: Mapping[str, Any]) -> Verdicts:
    """The kind of lesion and the verdict of each map, by kind of map."""
    found: Verdicts = defaultdict(list)
    for row in rows:
        for kind, measured in maps_of(row):
            support, _ = support_of(measured[EFFECT], measured[DIFFERENCE], figures["verdict"])
            if kind == MAP and _objects(row, figures["limits"]):
                support = "not supported"
            found[TRUE if kind in TRUE_MAPS else kind].append((row["lesion"], support))
    return found


def _objects(row: Mapping[str, Any], limits: Mapping[str, Any]) -> bool:
    method, measured = next(iter(row["methods"].items()))
    ignores = measured["randomization"] > limits[method]["randomization"]["limit"]
    return bool(ignores or row["shortcut"] > limits["*"]["shortcut"]["limit"])


def _randomization(rows: Rows, figures: Mapping[str, Any]) -> dict[str, Any]:
    """By method: the share of true maps that pass, and of maps of another network with random weights.

    Pictures have the value 1 and never pass.
    """
    found = {}
    for method in rows[0]["methods"]:
        limit = figures["limits"][method]["randomization"]["limit"]
        measured = [row["methods"][method] for row in rows]
        true = [one["randomization"] for one in measured if one["hit"]]
        untrained = [one["randomization, randomized network"] for one in measured]
        if true:
            found[method] = {
                TRUE: share([value <= limit for value in true]),
                "another randomized network": share([value <= limit for value in untrained]),
                "auroc, another randomized network": round(auroc(untrained, true), 3),
            }
    return found
