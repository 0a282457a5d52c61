"""Randomization: does the map depend on the model, or only on the film? See Adebayo et al. 2018.

The layers of the network get random weights one after another, from the output to the input. A map that
stays the same does not depend on what the network has learned, like the map of an edge detector.
"""

from __future__ import annotations

import numpy as np

from xray.evidence.baseline_maps import edges
from xray.evidence.context import Candidate, CheckContext, Reading
from xray.evidence.measures import complexity, rank_correlation, similarity
from xray.evidence.registry import Description, register
from xray.evidence.weight_randomization import SHARES


@register(
    "randomization",
    title="Randomization",
    question="Does the map depend on the model, or only on the film?",
    paper="arXiv:1810.03292",
    better="lower",
    sentence="The map of the same network with randomized weights has a rank correlation of {value:.2f} "
    "with this one; a map that ignores the model has 1.",
    remakes=True,
    description=Description(
        formula="The layers of a copy of the network are randomized from the output to the input (10, "
        "25, 50, 75 and 100%). The value is the rank correlation (Spearman) between the map "
        "and the map of the network with all weights randomized; SSIM is plotted as well. A detail is "
        "eMPRT, the relative rise of the entropy of the map's histogram; a map that ignores the model "
        "has 0.",
        reading="Lower is better. An edge detector does not use the network and would have a "
        "correlation of 1. The limit is the middle between 1 and the value that 95% of the maps that hit an "
        "inserted lesion stay below.",
        caution="A map of noise passes as well: the check shows that a map depends on the model, not that "
        "it is right. The anatomy and the architecture alone make two maps somewhat similar; the limit "
        "accounts for this.",
        references="Adebayo et al. 2018, arXiv:1810.03292; eMPRT: Hedström et al. 2023, arXiv:2401.06465.",
    ),
)
def randomization(context: CheckContext, candidate: Candidate) -> Reading:
    """Measure rank correlation (the value) and SSIM with the map of the fully randomized network."""
    film = context.film.radiograph
    maps = [candidate.remake(model, film) for model in context.film.randomized_models.values()]
    correlations = np.array([rank_correlation(candidate.map, other) for other in maps], np.float32)
    before, after = complexity(candidate.map), complexity(maps[-1])
    structure = np.array([similarity(candidate.map, other) for other in maps], np.float32)
    return Reading(
        float(correlations[-1]),
        details={
            "ssim": float(structure[-1]),
            "eMPRT": (after - before) / before if before else 0.0,
            "edges": rank_correlation(candidate.map, edges(film.pixels)),
        },
        curves={"rank correlation": correlations, "SSIM": structure},
        maps={f"{share:.0%}": other for share, other in zip(SHARES, maps, strict=True)},
    )
