"""Agreement: rank correlation of a map with those of other methods for the same finding."""

from __future__ import annotations

import numpy as np

from xray.evidence.context import Candidate, CheckContext, Reading
from xray.evidence.measures import rank_correlation, top_overlap
from xray.evidence.registry import Description, register

CELLS = 14  # cells along the long side; finer than no target layer


@register(
    "agreement",
    title="Agreement",
    question="Do the methods agree?",
    paper="arXiv:2202.01602",
    better="higher",
    sentence="The maps of other methods have a mean rank correlation of {value:.2f} with this one.",
    description=Description(
        formula="The mean rank correlation with the maps of methods of one pass and of other kinds "
        "(Grad-CAM, Grad-CAM++, Eigen-CAM), on a grid of 14 x 14 cells.",
        reading="Higher is better, but methods answer different questions and can rightly differ.",
        caution="Methods of one family share their errors. Agreement is not correctness.",
        references="Krishna et al. 2022, arXiv:2202.01602.",
    ),
)
def agreement(context: CheckContext, candidate: Candidate) -> Reading:
    """Measure the mean rank correlation with other methods, and the overlap of the highest tenths."""
    others = context.other_maps
    correlations = {title: rank_correlation(candidate.map, other, CELLS) for title, other in others.items()}
    overlaps = [top_overlap(candidate.map, other) for other in others.values()]
    return Reading(
        float(np.mean(list(correlations.values()))),
        details=correlations | {"overlap of the highest tenths": float(np.mean(overlaps))},
        maps=others,
    )
