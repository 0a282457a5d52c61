"""Do the methods agree? Each map beside those of other methods for the same finding."""

from __future__ import annotations

import numpy as np

from xray.evidence.context import Candidate, Subject
from xray.evidence.measures import rank_correlation, top_overlap
from xray.evidence.registry import Reading, register

CELLS = 14  # methods are compared no finer than the target layers see


@register(
    "agreement",
    title="Agreement",
    question="Do the methods agree?",
    paper="arXiv:2202.01602",
    better="higher",
    sentence="The maps of other methods have a mean rank correlation of {value:.2f} with this one, of "
    "{baseline:.2f} with random maps and of {centered:.2f} with a centered Gaussian.",
)
def agreement(subject: Subject, candidate: Candidate) -> Reading:
    """The mean rank correlation with other methods; the overlap of the highest tenths beside it."""
    others = subject.others
    alike = {title: rank_correlation(candidate.map, one, CELLS) for title, one in others.items()}
    overlaps = [top_overlap(candidate.map, one) for one in others.values()]
    return Reading(
        float(np.mean(list(alike.values()))),
        details=alike | {"overlap of the highest tenths": float(np.mean(overlaps))},
        maps=others,
    )
