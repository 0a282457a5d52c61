"""Location: is the map where the finding is? Comparison with boxes of a reader."""

from __future__ import annotations

import numpy as np

from xray.evidence.context import Candidate, CheckContext, Reading
from xray.evidence.registry import Description, register
from xray.types import Verdict

CENTERED = "inside, centered Gaussian"
HALF = 0.5  # share of the maximum at which a pixel belongs to the map's region


def decide(reading: Reading, _limit: float | None) -> tuple[Verdict, str]:
    """Pass if the highest point lies in a box and the box holds more than of a centered Gaussian."""
    if not reading.details["hit"]:
        return "failed", "Its maximum lies outside the marked region."
    if reading.value <= reading.details[CENTERED]:
        return "failed", "A centered Gaussian has no less inside."
    return "passed", "Its maximum lies inside the marked region."


@register(
    "location",
    title="Location",
    question="Is the map where the finding is?",
    paper="arXiv:1608.00507",
    better="higher",
    sentence="{value:.0%} of the map's positive values lie inside the marked region, of random maps "
    "{baseline:.0%}, of a centered Gaussian {centered:.0%}.",
    decide=decide,
    limited=False,
    description=Description(
        formula="Boxes come from a file or are drawn on the page. The value is the share of the map's "
        "positive values inside the boxes. The check passes if the highest point lies inside (*hit*, "
        "pointing game) and the share is higher than that of a centered Gaussian. IoU and IoBB of the "
        "region at or above half of the maximum are given as well.",
        reading="Higher is better; compare the value with the share of the film that the boxes cover.",
        caution="A network can use a true sign at another place, such as a drain beside a "
        "pneumothorax. Such a miss is not an error of the map. A box smaller "
        "than one cell of the map cannot be judged. In a benchmark on CheXpert's films (CheXlocalize), "
        "Grad-CAM located findings better than six other methods, and all seven did so significantly worse "
        "than radiologists (Saporta et al. 2022, doi:10.1038/s42256-022-00536-x).",
        references="Zhang et al. 2016, arXiv:1608.00507; Wang et al. 2017, arXiv:1705.02315.",
    ),
)
def location(context: CheckContext, candidate: Candidate) -> Reading:
    """Measure the share of positive values inside the boxes, the hit (Zhang et al. 2016), IoU and IoBB.

    IoU and IoBB (Wang et al. 2017) compare the pixels at or above half of the maximum with the boxes.
    """
    if not context.boxes:
        return Reading(float("nan"), "The finding is not marked. Mark it on the film to run this check.")
    height, width = context.film.shape
    inside = np.zeros(context.film.shape, bool)
    for left, top, right, bottom in np.maximum(np.rint(context.boxes), 0).astype(int).tolist():
        inside[top : max(top + 1, bottom), left : max(left + 1, right)] = True
    if not inside.any():
        return Reading(float("nan"), "The marked region lies outside the film.")
    cell = height / context.grid[0], width / context.grid[1]
    margin = min(
        min(bottom - top - cell[0], right - left - cell[1]) for left, top, right, bottom in context.boxes
    )
    if margin < 0:
        return Reading(
            float("nan"),
            "The marked region is smaller than one of the map's "
            f"{context.grid[1]} x {context.grid[0]} cells.",
        )
    heat = np.maximum(candidate.map, 0)
    region = heat >= HALF * heat.max()
    intersection = (region & inside).sum()
    centered = context.film.centered_map.map
    return Reading(
        float(heat[inside].sum() / heat.sum()),
        details={
            "hit": float(inside.ravel()[heat.argmax()]),
            "IoU": float(intersection / (region | inside).sum()),
            "IoBB": float(intersection / region.sum()),
            "share of the film": float(inside.mean()),
            CENTERED: float(centered[inside].sum() / centered.sum()),
        },
    )
