"""Is the model overconfident?"""

from __future__ import annotations

import numpy as np

from xray.audit.predictions import Predictions
from xray.audit.registry import Judgment, passed_if, register

SURE = 0.98
ALWAYS = 0.95


@register(
    "overconfident",
    title="Does the model leave room for doubt?",
    meaning="Share of films whose most likely finding is given more than 98%; fails above.",
    threshold=ALWAYS,
    needs=8,
)
def overconfident(predictions: Predictions) -> Judgment:
    """Fail if nearly all films get a probability above SURE.

    A probability above 98% (SURE) implies at most one error in fifty films. A model that states it for nearly
    all films (ALWAYS; one uncertain film is not enough to pass) considers no film difficult, which is not
    plausible for radiographs. Uncalibrated networks behave so (Guo et al. 2017, arXiv:1706.04599).
    """
    highest = predictions.probabilities.max(1)
    share = float((highest > SURE).mean())
    why = (
        f"{share:.0%} of {len(highest)} films are answered with more than {SURE:.0%}; "
        f"the median highest probability is {np.median(highest):.1%}."
    )
    return Judgment(share, passed_if(share <= ALWAYS), why)
