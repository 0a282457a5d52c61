"""The rule of the verdict, and how well checks and verdict tell true maps from maps without meaning.

Both are measured on films with known evidence (see known_evidence.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xray.evidence.limits import LESION, MAP, SHARE, TRUE, by_kind, upper
from xray.evidence.meaningless import KINDS
from xray.evidence.verdict import VOTING
from xray.train import metrics

Rows = Sequence[Mapping[str, Any]]
Share = dict[str, float]
CHECKS = ("deletion", "insertion", "road", "agreement")


def auroc(true: Sequence[float], meaningless: Sequence[float]) -> float:
    """Probability that a true map has a higher value than a meaningless one; half of the ties count."""
    values = np.array([*true, *meaningless], np.float64)
    figure = metrics.auroc(values, np.repeat([1.0, 0.0], [len(true), len(meaningless)]))
    return float(figure(np.ones((1, len(values))))[0])


def share(passed: Sequence[bool]) -> Share:
    """Share of passed maps with Wilson's 95% interval, and n."""
    low, high = metrics.wilson(sum(passed), len(passed))
    values = {"value": float(np.mean(passed)), "low": low, "high": high}
    return {key: round(value, 4) for key, value in values.items()} | {"n": len(passed)}


def rule_from(rows: Rows) -> dict[str, float]:
    """Fix the limits of the verdict on measured films (see evidence.measurement).

    At most 5% of each kind of meaningless maps reach `supported`. At most 5% of true maps are below
    `not supported`, which is never above `supported`. The rates are those of the same films, until the
    benchmark of the checks measures them on test films.
    """
    values = by_kind(rows, *VOTING)
    supported = max(upper(values[kind]) for kind in KINDS if values[kind])
    low = float(np.quantile(values[TRUE], 1 - SHARE))
    return {
        "supported": round(supported, 4),
        "not supported": round(min(low, supported), 4),
        "auroc": round(auroc(values[TRUE], [value for kind in KINDS for value in values[kind]]), 3),
        "meaningless_supported": round(
            max(float(np.mean(np.array(values[kind]) >= supported)) for kind in KINDS if values[kind]), 4
        ),
        "true_supported": round(float(np.mean(np.array(values[TRUE]) >= supported)), 4),
    }


def rates(rows: Rows, figures: Mapping[str, Any]) -> dict[str, Any]:
    """Measure checks and verdict on films that were not used to set the limits.

    Meaningless maps are pictures, which are not made again, so no objection of Randomization rejects them; a
    true map of the method is rejected by its objections.

    Args:
        rows: Measured films (see evidence.measurement).
        figures: Limits and rule of the verdict, as they are stored.

    Returns:
        By check, and for the verdict: AUROC over all kinds and the lowest of a kind, the share of maps of
        each kind that pass (that are called supported), and that of true maps, with 95% intervals.
    """
    limits, rule = figures["limits"]["*"], figures["verdict"]
    found = {name: _of(by_kind(rows, name), limits[name]["limit"]) for name in CHECKS}
    verdict = _of(by_kind(rows, *VOTING), rule["supported"])
    verdict[TRUE] = share([*_true_lesions(rows, rule), *_true_maps(rows, figures)])
    verdict["true, not supported"] = share(
        [value < rule["not supported"] for value in by_kind(rows, *VOTING)[TRUE]]
    )
    shortcuts = [row["shortcut"] <= limits["shortcut"]["limit"] for row in rows]
    return {
        "films": len(rows),
        "checks": found,
        "randomization": _randomization(rows, figures),
        "shortcut": {"none found": share(shortcuts)},
        "verdict": verdict,
    }


def _of(values: Mapping[str, Sequence[float]], limit: float) -> dict[str, Any]:
    kinds = {kind: values[kind] for kind in KINDS if values[kind]}
    everything = [value for some in kinds.values() for value in some]
    return {
        "auroc": round(auroc(values[TRUE], everything), 3),
        "auroc, worst kind": round(min(auroc(values[TRUE], some) for some in kinds.values()), 3),
        "meaningless": {kind: share([value >= limit for value in some]) for kind, some in kinds.items()},
        TRUE: share([value >= limit for value in values[TRUE]]),
    }


def effect(measured: Mapping[str, float]) -> float:
    """The value of a map that the verdict compares with its limits."""
    return sum(measured[name] for name in VOTING)


def _true_lesions(rows: Rows, rule: Mapping[str, float]) -> list[bool]:
    lesions = [row["maps"][LESION] for row in rows]
    return [effect(lesion) >= rule["supported"] for lesion in lesions if lesion["hit"]]


def _true_maps(rows: Rows, figures: Mapping[str, Any]) -> list[bool]:
    """Whether the first method's map is called supported, where it hits the lesion; with all objections."""
    limits = figures["limits"]
    return [
        effect(row["maps"][MAP]) >= figures["verdict"]["supported"]
        and row["shortcut"] <= limits["*"]["shortcut"]["limit"]
        and _ignores_less(row, limits)
        for row in rows
        if MAP in row["maps"] and row["maps"][MAP]["hit"]
    ]


def _ignores_less(row: Mapping[str, Any], limits: Mapping[str, Any]) -> bool:
    method, measured = next(iter(row["methods"].items()))
    return bool(measured["randomization"] <= limits[method]["randomization"]["limit"])


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
