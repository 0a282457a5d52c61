"""Deletion and insertion: does the prediction depend on the highlighted regions? See Petsiuk et al. 2018.

Pixels are hidden, or revealed on a hidden film, in the order of the map's values, the highest first. Hidden
pixels have the film's mean. Steps are shares of the area by rank, so that a map that is half zeros is not
hidden in one step.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from xray.evidence.context import Candidate, CheckContext, Reading
from xray.evidence.measures import order_of
from xray.evidence.registry import Description, register
from xray.types import Pixels

STEPS = 16
LEAST = 0.1  # smallest range of the logit at which the curves can be judged


def ranks(values: Pixels) -> Tensor:
    """Rank each cell of a map (h, w), as a share in [0, 1); 0 is the highest value."""
    shares = np.empty(values.size, np.float32)
    shares[order_of(values)] = np.arange(values.size, dtype=np.float32) / values.size
    return torch.from_numpy(shares.reshape(values.shape))


def curve(context: CheckContext, candidate: Candidate, *, hiding: bool) -> Pixels:
    """Compute logits (STEPS + 1) while pixels are hidden, or revealed, by decreasing value of the map."""
    shares = torch.linspace(0, 1, STEPS + 1)[:, None, None, None]
    first = (ranks(candidate.map) < shares).float()  # (STEPS + 1, 1, h, w)
    film = context.film.tensor
    gray = film.mean()
    changed = torch.where(first > 0, gray, film) if hiding else torch.where(first > 0, film, gray)
    return context.film.logits(changed)


def missing(span: float) -> str:
    """Why curves with this range of logits cannot be judged; empty if they can."""
    if abs(span) < LEAST:
        return "The logit hardly changes even if the whole film is hidden, so no region can be tested."
    return ""


@register(
    "deletion",
    title="Deletion",
    question="Does the prediction change when the highlighted regions are hidden?",
    paper="arXiv:1806.07421",
    better="higher",
    sentence="Hiding pixels in the order of the map lowers the logit by {value:.2f} on average; in a random "
    "order by {baseline:.2f}, from the center outward by {centered:.2f}.",
    description=Description(
        formula=r"Regions are hidden in descending order of the map, in 16 steps of equal area; hidden "
        r"pixels get the mean gray value of the film. With the logit $f_q$ when the share $q$ "
        r"is hidden, the value is the area $\int_0^1 (f_0 - f_q)\,dq$, the mean decrease of "
        r"the logit.",
        reading="Higher is better. The curve should fall early.",
        caution="A film with gray patches is unlike any training film, and the logit can fall because "
        "of the patches; ROAD avoids them. If the whole film is evidence against a finding, the "
        "logit cannot fall much.",
        references="Petsiuk et al. 2018, arXiv:1806.07421. Regions are chosen by rank, so a map that is "
        "half zeros is not hidden at once.",
    ),
)
def deletion(context: CheckContext, candidate: Candidate) -> Reading:
    """Measure the mean decrease of the logit: the area between the curve and its first value."""
    logits = curve(context, candidate, hiding=True)
    fall = float(np.trapezoid(logits[0] - logits, dx=1 / STEPS))
    return Reading(fall, missing(float(np.ptp(logits))), curves={"hidden": logits})


@register(
    "insertion",
    title="Insertion",
    question="Are the highlighted regions sufficient for the prediction?",
    paper="arXiv:1806.07421",
    better="higher",
    sentence="Showing pixels in the order of the map raises the logit by {value:.2f} on average; in a random "
    "order by {baseline:.2f}, from the center outward by {centered:.2f}.",
    description=Description(
        formula=r"The reverse of Deletion: regions of the film are shown on a gray film in descending "
        r"order of the map. The value is $\int_0^1 (f_q - f_0)\,dq$.",
        reading="Higher is better. The curve should rise early.",
        caution="A network can need the whole film, for example to compare both lungs; then no map "
        "gets a high value.",
        references="Petsiuk et al. 2018, arXiv:1806.07421.",
    ),
)
def insertion(context: CheckContext, candidate: Candidate) -> Reading:
    """Measure the mean increase of the logit, from the hidden film."""
    logits = curve(context, candidate, hiding=False)
    rise = float(np.trapezoid(logits - logits[0], dx=1 / STEPS))
    return Reading(rise, missing(float(np.ptp(logits))), curves={"shown": logits})
