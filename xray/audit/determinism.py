"""Is the prediction reproducible?"""

from __future__ import annotations

import numpy as np

from xray.audit.predictions import Predictions
from xray.audit.registry import Judgment, passed_if, register

EQUAL = 1e-4


@register(
    "determinism",
    title="Does the same film get the same answer twice?",
    meaning="Largest difference of a logit between two passes of the same film; fails above.",
    threshold=EQUAL,
    needs=1,
)
def determinism(predictions: Predictions) -> Judgment:
    """Judge the largest difference of a logit between two passes of the same film; at most EQUAL is accepted.

    Float32 sums in another order differ by less; active dropout or a random crop differ by far more.
    """
    again = np.array([film.repeated for film in predictions.valid])
    largest = float(np.nan_to_num(np.abs(again - predictions.logits), nan=np.inf).max())
    why = f"Two passes of the same film differ by {largest:.2g} in a logit at most."
    return Judgment(largest if np.isfinite(largest) else None, passed_if(largest <= EQUAL), why)
