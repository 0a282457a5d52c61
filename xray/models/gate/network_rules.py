"""Rules of the input gate on the output of its network: body region and orientation."""

from __future__ import annotations

from collections.abc import Mapping

from xray.models.gate.kinds import INVERTED, NO_XRAY, NOT_XRAY, POSES, SIDEWAYS, UPRIGHT, UPSIDE_DOWN
from xray.types import GateKind

CONFIDENT = 10.0  # ratio of the other regions' probability to the model's from which a film is refused


def accepted_regions(known: tuple[str, ...], regions: tuple[str, ...]) -> tuple[str, ...]:
    """The regions of a model among those that the gate knows; all of them if it knows none of the model's."""
    shown = tuple(name for name in known if name not in (*POSES, NOT_XRAY))
    return tuple(name for name in shown if name in regions) or shown


def kind_by_network(
    probabilities: Mapping[str, float],
    thresholds: Mapping[str, float],
    regions: tuple[str, ...],
    *,
    simulated: bool = False,
) -> tuple[GateKind, str]:
    """Apply the rules on the output of the gate's network.

    Args:
        probabilities: Calibrated probability of every finding of the gate.
        thresholds: Operating point of every finding of the gate.
        regions: Regions of the model; if the gate recognizes none of them, all regions are accepted.
        simulated: Whether the film is simulated; it is a radiograph then, of whatever region.

    Returns:
        The kind of the first rule that applies, and the most likely region.
    """
    without = (*POSES, *NO_XRAY) if simulated else POSES
    shown = [name for name in probabilities if name not in without]
    accepted = [name for name in accepted_regions(tuple(probabilities), regions) if name in shown]
    others = [name for name in shown if name not in accepted]
    most_likely = max(shown, key=probabilities.__getitem__)
    other = max(others, key=probabilities.__getitem__, default=most_likely)
    total = sum(probabilities[name] for name in others)
    outweighed = total >= CONFIDENT * sum(probabilities[name] for name in accepted)

    def reached(finding: str) -> bool:
        return probabilities[finding] >= thresholds[finding]

    rules: tuple[tuple[GateKind, bool], ...] = (
        (NOT_XRAY if other == NOT_XRAY else "another region", reached(other) and outweighed),
        (SIDEWAYS, reached(SIDEWAYS) and most_likely in UPRIGHT),
        (UPSIDE_DOWN, reached(UPSIDE_DOWN) and most_likely in UPRIGHT),
        (INVERTED, reached(INVERTED) and most_likely not in NO_XRAY),
    )
    return next((kind for kind, applies in rules if applies), "accepted"), most_likely
