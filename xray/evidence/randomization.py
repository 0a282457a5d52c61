"""Does it look at the model or only at the film? Cascading randomization (Adebayo et al. 2018).

The network forgets its layers one after another, from the answer down. A map that stays the same was never
about what the network has learned: an edge detector's map stays as it is.
"""

from __future__ import annotations

import numpy as np

from xray.evidence.context import Candidate, Subject, edges
from xray.evidence.measures import rank_correlation, similarity
from xray.evidence.registry import Reading, register
from xray.evidence.weight_randomization import SHARES


@register(
    "randomization",
    title="Randomization",
    question="Does the map depend on the model, or only on the film?",
    paper="arXiv:1810.03292",
    better="lower",
    sentence="The map of the same network that has forgotten all has a rank correlation of {value:.2f} "
    "with this one; a map that ignores the model, as an edge detector's, has {centered:.2f}.",
)
def randomization(subject: Subject, candidate: Candidate) -> Reading:
    """Rank correlation with the map of the fully forgetful network; SSIM beside it, both step by step."""
    maps = [candidate.again(model, subject.radiograph) for model in subject.forgetful.values()]
    alike = np.array([rank_correlation(candidate.map, one) for one in maps], np.float32)
    structure = np.array([similarity(candidate.map, one) for one in maps], np.float32)
    return Reading(
        float(alike[-1]),
        details={
            "ssim": float(structure[-1]),
            "edges": rank_correlation(candidate.map, edges(subject.radiograph.pixels)),
        },
        curves={"rank correlation": alike, "SSIM": structure},
        maps={f"{share:.0%} forgotten": one for share, one in zip(SHARES, maps, strict=True)},
    )
