"""The verdict on a map: supported, not supported or cannot tell, with the error rates of that statement.

Deletion and insertion vote together, by their effect: the sum of their values. The effect of the map is
compared with that of two copies of the map in other places, mirrored and turned; where the prediction depends
on much of the film, all of them have an effect. Three checks object: a map that ignores the model, evidence
outside the body, and a maximum outside the region that the user marked (a maximum inside it does not, even if
a centered Gaussian has as much there). The other checks are shown, but do not count. The limits are fixed on
validation films (see limits.py).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from xray.evidence.deletion_insertion import COPIES, missing
from xray.evidence.limits import kept, limits_file
from xray.io.label_lists import NORMAL, plain
from xray.types import Check, Explanation, MapVerdict, Support

VOTING = ("deletion", "insertion")
RULE = ("supported", "not supported", "effect", "auroc")  # of train.check_rates.rule_from
SEPARATES = 0.6  # lowest AUROC, on validation films, with which the checks vote
OBJECTIONS: Mapping[str, str] = {
    "randomization": "The map hardly changes when the network's weights are randomized, so it does not show "
    "what the model has learned.",
    "shortcut": "The prediction depends on something outside the body.",
    "location": "The map lies elsewhere than the region that you marked.",
}
NOT_RANDOMIZED = "Randomization cannot object, since a map from a file cannot be made again."
NOT_JUDGED = "Randomization was not judged, so the map may ignore the model."
COUNTED = (*VOTING, *OBJECTIONS)


def verdict_of(explanation: Explanation, checks: Sequence[Check]) -> MapVerdict:
    """Return the verdict on a map.

    Args:
        explanation: The map.
        checks: Its checks; those that are not finished do not count yet.
    """
    figures = kept(limits_file(explanation.model_id), explanation.weights_sha256)
    verdict = decided(explanation.finding, checks, figures.get("verdict", {}))
    if verdict.support != "supported":
        return verdict
    if explanation.file:
        return replace(verdict, reason=f"{verdict.reason} {NOT_RANDOMIZED}")
    if any(check.name == "randomization" and check.verdict == "cannot be judged" for check in checks):
        return replace(verdict, reason=f"{verdict.reason} {NOT_JUDGED}")
    return verdict


def decided(finding: str, checks: Sequence[Check], rule: Mapping[str, Any]) -> MapVerdict:
    """Return the verdict by a rule (see train.check_rates)."""
    done = {check.name: check for check in checks}
    if plain(finding) in NORMAL:
        reason = f"{finding} means that there is no finding, so no place can be right."
        return MapVerdict("cannot tell", reason)
    rates = {key: float(rule.get(key, math.nan)) for key in ("meaningless_supported", "true_supported")}

    def verdict(support: Support, reason: str, score: float = math.nan) -> MapVerdict:
        return MapVerdict(support, reason, score, **rates)

    for name, reason in OBJECTIONS.items():
        if name in done and done[name].verdict == "failed" and not done[name].details.get("hit"):
            return verdict("not supported", reason)
    if not rule.keys() >= {*RULE}:
        return verdict("cannot tell", "No limits were measured for this model.")
    if rule["auroc"] < SEPARATES:
        return verdict("cannot tell", "The checks do not tell true maps of this model from meaningless ones.")
    if any(name not in done for name in VOTING):
        return verdict("cannot tell", "Deletion and Insertion were not run.")
    if without := next((done[name].why for name in VOTING if not done[name].curves), ""):
        return verdict("cannot tell", without)
    hidden, shown = done["deletion"].curves["hidden"], done["insertion"].curves["shown"]
    if flat := missing(max(float(np.ptp(hidden)), float(np.ptp(shown)))):
        return verdict("cannot tell", flat)
    copies = [done[name].details.get(COPIES, math.nan) for name in VOTING]
    if not np.isfinite(copies).all():
        return verdict("cannot tell", "The map was checked by an earlier version. Check it again.")
    effect = sum(done[name].value for name in VOTING)
    difference = effect - sum(copies)
    support, conclusion = support_of(effect, difference, rule)
    values = (
        f"effect on the log-odds {effect:z.1f}, of mirrored and turned copies of the map {sum(copies):z.1f}"
    )
    return verdict(support, f"{conclusion}: {values}.", difference)


def support_of(effect: float, difference: float, rule: Mapping[str, float]) -> tuple[Support, str]:
    """The verdict by the effect of a map and its difference from that of the copies, and the reason.

    Copies of a true map can have nearly the same effect, such as those of a map of both lungs. If the effect
    is larger than that of maps without meaning, such a map is not rejected.
    """
    depends = "The prediction depends on the highlighted regions"
    if difference >= rule["supported"] and effect > 0:
        return "supported", f"{depends} more clearly than for 95% of maps without meaning"
    if difference >= rule["supported"]:
        return "cannot tell", "The highlighted regions are no evidence for the finding; others are against it"
    if difference >= rule["not supported"]:
        return "cannot tell", "It is not clear whether the prediction depends on the highlighted regions"
    if effect >= rule["effect"]:
        return "cannot tell", "The prediction depends on other places as much as on the highlighted regions"
    return "not supported", f"{depends} no more than for a map without meaning"
