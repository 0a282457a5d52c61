"""Deletion and insertion: does the prediction depend on the highlighted regions? See Petsiuk et al. 2018.

Pixels are hidden, or revealed on a hidden film, in the order of the map's values, the highest first. Hidden
pixels have the film's mean. Steps are shares of the area by rank, so that a map that is half zeros is not
hidden in one step; beyond the first quarter they are larger. The values are means over the first quarter of
the area, which a map should explain: over the whole area, every order of the pixels ends with the same film.

A prediction can depend on any part of the lungs, so that every map over them has an effect. Whether the place
counts is seen by two copies of the map in other places: mirrored left to right, and turned by 180 degrees.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from xray.evidence.context import Candidate, CheckContext, Reading
from xray.evidence.measures import order_of
from xray.evidence.registry import Description, register
from xray.types import Pixels

SHARES = (1 / 16, 1 / 8, 3 / 16, 1 / 4, 3 / 8, 1 / 2, 3 / 4, 1.0)  # of the film that are hidden or shown
FIRST = 4  # shares that count for the value: the quarter of the film that the map ranks highest
LEAST = 0.1  # smallest range of the logit at which the curves can be judged
COPIES = "mean of two copies of the map"


def ranks(values: Pixels) -> Tensor:
    """Rank each cell of a map (h, w), as a share in [0, 1); 0 is the highest value."""
    shares = np.empty(values.size, np.float32)
    shares[order_of(values)] = np.arange(values.size, dtype=np.float32) / values.size
    return torch.from_numpy(shares.reshape(values.shape))


def curve(context: CheckContext, values: Pixels, *, hiding: bool, shares: Sequence[float] = SHARES) -> Pixels:
    """Compute logits while pixels are hidden, or revealed, by decreasing value of a map.

    Args:
        context: The explanation's context.
        values: The map (h, w) at the model's size.
        hiding: Whether pixels are hidden on the film; otherwise they are revealed on a gray film.
        shares: Increasing shares of the film, in (0, 1].

    Returns:
        Logits (n + 1), the first of the unchanged or of the gray film.
    """
    film = context.film
    start, end = (film.logit, film.gray_logit) if hiding else (film.gray_logit, film.logit)
    partial = torch.tensor([share for share in shares if share < 1])[:, None, None, None]
    first = ranks(values) < partial  # (n, 1, h, w)
    logits = film.logits(torch.where(first == hiding, film.tensor.mean(), film.tensor))
    ends = [end] * (len(shares) - len(partial))
    return np.array([start, *logits, *ends], np.float32)


def value_of(logits: Pixels, *, hiding: bool) -> float:
    """Mean change over the first quarter of the film: a decrease when hiding, else an increase."""
    change = logits[0] - logits if hiding else logits - logits[0]
    return float(np.trapezoid(change[: FIRST + 1], dx=1 / FIRST))


def compared(
    context: CheckContext, values: Pixels, *, hiding: bool, shares: Sequence[float] = SHARES
) -> tuple[Pixels, float, float]:
    """Measure a map and its two copies, mirrored left to right and turned by 180 degrees; see curve.

    Returns:
        The map's curve, its value, and the mean value of the copies.
    """
    logits = curve(context, values, hiding=hiding, shares=shares)
    copies = [
        value_of(curve(context, copy, hiding=hiding, shares=SHARES[:FIRST]), hiding=hiding)
        for copy in (values[:, ::-1], values[::-1, ::-1])
    ]
    return logits, value_of(logits, hiding=hiding), float(np.mean(copies))


def missing(span: float) -> str:
    """Why curves with this range of logits cannot be judged; empty if they can."""
    if abs(span) < LEAST:
        return "The log-odds hardly change even if the whole film is hidden, so no region can be tested."
    return ""


@register(
    "deletion",
    title="Deletion",
    question="Does the prediction change when the highlighted regions are hidden?",
    paper="arXiv:1806.07421",
    better="higher",
    sentence="Mean decrease of the log-odds while up to a quarter of the film is hidden, where the map is "
    "highest: {value:.2f}.",
    description=Description(
        formula=r"Regions are hidden in descending order of the map, in steps of a sixteenth of the film up "
        r"to a quarter and larger steps beyond; hidden pixels get the mean gray value of the film. With the "
        r"log-odds $f_q$ when the share $q$ is hidden, the value is $4 \int_0^{1/4} (f_0 - f_q)\,dq$, the "
        r"mean decrease of the log-odds over the first quarter of the film.",
        reading="Higher is better. The curve should fall early. The verdict compares the value with that of "
        "two copies of the map, mirrored left to right and turned by 180°.",
        caution="A film with gray patches is unlike any training film, and the log-odds can fall because "
        "of the patches; ROAD avoids them. If the whole film is evidence against a finding, the "
        "log-odds cannot fall much.",
        references="Petsiuk et al. 2018, arXiv:1806.07421. Regions are chosen by rank, so a map that is "
        "half zeros is not hidden at once.",
    ),
)
def deletion(context: CheckContext, candidate: Candidate) -> Reading:
    """Measure the mean decrease of the logit over the first quarter of the film."""
    return _reading(context, candidate.map, hiding=True)


@register(
    "insertion",
    title="Insertion",
    question="Are the highlighted regions sufficient for the prediction?",
    paper="arXiv:1806.07421",
    better="higher",
    sentence="Mean increase of the log-odds while up to a quarter of the film is shown on a gray film, where "
    "the map is highest: {value:.2f}.",
    description=Description(
        formula=r"The reverse of Deletion: regions of the film are shown on a gray film in descending "
        r"order of the map. The value is $4 \int_0^{1/4} (f_q - f_0)\,dq$.",
        reading="Higher is better. The curve should rise early. The verdict compares the value with that of "
        "two copies of the map, mirrored left to right and turned by 180°.",
        caution="A network can need the whole film, for example to compare both lungs; then no map "
        "gets a high value.",
        references="Petsiuk et al. 2018, arXiv:1806.07421.",
    ),
)
def insertion(context: CheckContext, candidate: Candidate) -> Reading:
    """Measure the mean increase of the logit over the first quarter of the film, from the hidden film."""
    return _reading(context, candidate.map, hiding=False)


def _reading(context: CheckContext, values: Pixels, *, hiding: bool) -> Reading:
    logits, value, copies = compared(context, values, hiding=hiding)
    return Reading(
        value,
        missing(float(np.ptp(logits))),
        note=f"Mirrored and turned copies of the map: {copies:z.2f}.",
        details={COPIES: copies},
        curves={"hidden" if hiding else "shown": logits},
    )
