"""Is it where it should be? The map against boxes that a reader has drawn."""

from __future__ import annotations

import numpy as np

from xray.evidence.context import Candidate, Subject
from xray.evidence.registry import Reading, register
from xray.types import Verdict

HALF = 0.5  # a map covers what reaches this share of its highest value


def judge(own: Reading, _baseline: float, _limit: float | None) -> tuple[Verdict, str]:
    if own.details["hit"]:
        return "passed", "Its highest point lies inside."
    return "failed", "Its highest point lies outside."


@register(
    "location",
    title="Location",
    question="Is the map where the finding is?",
    paper="arXiv:1608.00507",
    better="higher",
    sentence="{value:.0%} of the map's positive values lie inside the marked place, of random maps "
    "{baseline:.0%}, of a centered Gaussian {centered:.0%}.",
    judge=judge,
)
def location(subject: Subject, candidate: Candidate) -> Reading:
    """The share of positive values inside the boxes; beside it the pointing game (Zhang et al. 2016).

    IoU and IoBB (Wang et al. 2017): what reaches half of the highest value, against the boxes.
    """
    if not subject.boxes:
        return Reading(float("nan"), "Nobody has marked where the finding is. Draw a box to find out.")
    height, width = subject.shape
    inside = np.zeros(subject.shape, bool)
    for left, top, right, bottom in np.maximum(np.rint(subject.boxes), 0).astype(int).tolist():
        inside[top : max(top + 1, bottom), left : max(left + 1, right)] = True
    if not inside.any():
        return Reading(float("nan"), "The marked place lies outside the film.")
    cell = height / subject.grid[0], width / subject.grid[1]
    wide = min(
        min(bottom - top - cell[0], right - left - cell[1]) for left, top, right, bottom in subject.boxes
    )
    if wide < 0:
        return Reading(
            float("nan"),
            f"The marked place is smaller than one of the map's {subject.grid[1]} x {subject.grid[0]} cells.",
        )
    heat = np.maximum(candidate.map, 0)
    covered = heat >= HALF * heat.max()
    both = (covered & inside).sum()
    return Reading(
        float(heat[inside].sum() / heat.sum()),
        details={
            "hit": float(inside.ravel()[heat.argmax()]),
            "IoU": float(both / (covered | inside).sum()),
            "IoBB": float(both / covered.sum()),
            "share of the film": float(inside.mean()),
        },
    )
