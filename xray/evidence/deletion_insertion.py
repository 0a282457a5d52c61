"""Does hiding what it points at change the answer? Deletion and insertion (Petsiuk et al. 2018).

Places are hidden, or shown on a hidden film, in the order of the map, the highest first; what is hidden has
the film's mean. Steps are shares of the area by rank, so a map that is half zeros is not hidden at once.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from xray.evidence.context import Candidate, Subject
from xray.evidence.measures import order_of
from xray.evidence.registry import Reading, register
from xray.types import Pixels

STEPS = 16
LEAST = 0.1  # a film whose logit moves by less than this when it is hidden altogether has no answer to move


def ranks(values: Pixels) -> Tensor:
    """Each cell's place in the order of a map (h, w), as a share in [0, 1): 0 is the highest."""
    places = np.empty(values.size, np.float32)
    places[order_of(values)] = np.arange(values.size, dtype=np.float32) / values.size
    return torch.from_numpy(places.reshape(values.shape))


def curve(subject: Subject, candidate: Candidate, *, hiding: bool) -> Pixels:
    """Logits (STEPS + 1) as the places of highest value are hidden, or shown."""
    shares = torch.linspace(0, 1, STEPS + 1)[:, None, None, None]
    first = (ranks(candidate.map) < shares).float()  # (STEPS + 1, 1, h, w)
    film = subject.film
    gray = film.mean()
    return subject.ask(torch.where(first > 0, gray, film) if hiding else torch.where(first > 0, film, gray))


def missing(whole: float) -> str:
    if abs(whole) < LEAST:
        return "Even without the whole film the answer stays the same, so nothing can be seen to change it."
    return ""


@register(
    "deletion",
    title="Deletion",
    question="Does the prediction change when the highlighted regions are hidden?",
    paper="arXiv:1806.07421",
    better="higher",
    sentence="Hiding what it points at first lowers the logit by {value:.2f} on average along the way; in a "
    "random order by {baseline:.2f}, from the middle outward by {centered:.2f}.",
)
def deletion(subject: Subject, candidate: Candidate) -> Reading:
    """The mean fall of the logit over the curve: the area between it and where it began."""
    said = curve(subject, candidate, hiding=True)
    fall = float(np.trapezoid(said[0] - said, dx=1 / STEPS))
    return Reading(fall, missing(float(np.ptp(said))), curves={"hidden": said})


@register(
    "insertion",
    title="Insertion",
    question="Are the highlighted regions sufficient for the prediction?",
    paper="arXiv:1806.07421",
    better="higher",
    sentence="Showing what it points at first raises the logit by {value:.2f} on average along the way; in a "
    "random order by {baseline:.2f}, from the middle outward by {centered:.2f}.",
)
def insertion(subject: Subject, candidate: Candidate) -> Reading:
    """The mean rise of the logit over the curve from the hidden film."""
    said = curve(subject, candidate, hiding=False)
    rise = float(np.trapezoid(said - said[0], dx=1 / STEPS))
    return Reading(rise, missing(float(np.ptp(said))), curves={"shown": said})
