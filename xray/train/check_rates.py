"""The rule of the verdict, and how well checks and verdict tell true maps from maps without meaning.

Both are measured on films with known evidence (see known_evidence.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xray.evidence.deletion_insertion import LEAST
from xray.evidence.limits import DIFFERENCE, EFFECT, MAP, TRUE, TRUE_MAPS, by_kind, highest, lower
from xray.evidence.meaningless import KINDS, OWN_COPIES
from xray.evidence.verdict import support_of
from xray.train import metrics
from xray.types import Support

Rows = Sequence[Mapping[str, Any]]
Share = dict[str, float]
CHECKS = ("deletion", "insertion", "road", "agreement")


def auroc(true: Sequence[float], meaningless: Sequence[float]) -> float:
    """Probability that a true map has a higher value than a meaningless one; half of the ties count."""
    values = np.array([*true, *meaningless], np.float64)
    figure = metrics.auroc(values, np.repeat([1.0, 0.0], [len(true), len(meaningless)]))
    return float(figure(np.ones((1, len(values))))[0])


def share(passed: Sequence[bool], films: int | None = None) -> Share:
    """Share of passed maps with Wilson's 95% interval, n, and the number of films.

    Args:
        passed: By map.
        films: Number of films, if a film has several maps. They are not independent, so that the interval is
            that of one map per film.
    """
    films = films or len(passed)
    low, high = metrics.wilson(float(np.mean(passed)) * films, films)
    values = {"value": float(np.mean(passed)), "low": low, "high": high}
    return {key: round(value, 4) for key, value in values.items()} | {"n": len(passed), "films": films}


def rule_from(rows: Rows, limits: Mapping[str, Any]) -> dict[str, float]:
    """Fix the limits of the verdict on measured films (see evidence.measurement).

    At most 5% of each kind of meaningless maps reach `supported` and `effect`. On at most 5% of the films, a
    true map is below `not supported`, which is never above `supported`. The rates are those of the same
    films, until the benchmark of the checks measures them on test films.

    Args:
        rows: The films.
        limits: Limits of the checks (see evidence.limits.limits_from).
    """
    supported = max(highest(by_kind(rows, DIFFERENCE)), LEAST)
    true = [[values[DIFFERENCE] for values in true_maps(row)] for row in rows]
    rule = {
        "supported": round(supported, 4),
        "not supported": round(min(lower([min(some) for some in true if some]), supported), 4),
        "effect": round(highest(by_kind(rows, EFFECT)), 4),
    }
    found = verdict_rates(rows, limits, rule)
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
        "checks": {name: _check_rates(rows, name, limits[name]["limit"]) for name in CHECKS},
        "randomization": _randomization(rows, figures),
        "shortcut": {"none found": share(shortcuts)},
        "verdict": verdict_rates(rows, figures["limits"], figures["verdict"]),
    }


def _check_rates(rows: Rows, name: str, limit: float) -> dict[str, Any]:
    values = by_kind(rows, name)
    films = sum(any(name in measured for measured in true_maps(row)) for row in rows)
    return _aurocs(values, KINDS) | {
        "meaningless": {
            kind: share([value >= limit for value in values[kind]]) for kind in KINDS if values[kind]
        },
        TRUE: share([value >= limit for value in values[TRUE]], films),
    }


def _aurocs(values: Mapping[str, Sequence[float]], among: Sequence[str]) -> dict[str, float]:
    kinds = [values[kind] for kind in among if values[kind]]
    return {
        "auroc": round(auroc(values[TRUE], [value for some in kinds for value in some]), 3),
        "auroc, worst kind": round(min(auroc(values[TRUE], some) for some in kinds), 3),
    }


def verdict_rates(rows: Rows, limits: Mapping[str, Any], rule: Mapping[str, float]) -> dict[str, Any]:
    """Measure how often the verdict is `supported` or `not supported`, by kind of map.

    Shortcut can object to all maps of a film, Randomization only to a map of the method: meaningless maps are
    pictures, which are not made again. The AUROC is that of the difference from the copies, without
    OWN_COPIES, which it tells from true maps by construction.
    """
    found: dict[str, list[tuple[Mapping[str, Any], Support]]] = defaultdict(list)
    for row in rows:
        for kind, measured in row["maps"].items():
            support, _ = support_of(measured[EFFECT], measured[DIFFERENCE], rule)
            if _objects(row, kind, limits):
                support = "not supported"
            found[TRUE if kind in TRUE_MAPS else kind].append((row, support))

    def rate(support: Support, kind: str, lesion: str = "") -> Share:
        some = [(row, one) for row, one in found[kind] if lesion in ("", row["lesion"])]
        films = len({id(row) for row, _ in some})
        return share([one == support for _, one in some], films)

    kinds = [kind for kind in KINDS if kind not in OWN_COPIES]
    return _aurocs(by_kind(rows, DIFFERENCE), kinds) | {
        "meaningless": {kind: rate("supported", kind) for kind in KINDS if found[kind]},
        TRUE: rate("supported", TRUE),
        "true, not supported": rate("not supported", TRUE),
        "true, by lesion": {
            lesion: rate("supported", TRUE, lesion)
            for lesion in sorted({row["lesion"] for row, _ in found[TRUE]})
        },
    }


def _objects(row: Mapping[str, Any], kind: str, limits: Mapping[str, Any]) -> bool:
    method, measured = next(iter(row["methods"].items()))
    ignores = measured["randomization"] > limits[method]["randomization"]["limit"]
    return bool(row["shortcut"] > limits["*"]["shortcut"]["limit"] or (kind == MAP and ignores))


def true_maps(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The values of a film's true maps."""
    return [row["maps"][kind] for kind in TRUE_MAPS if kind in row["maps"]]


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
