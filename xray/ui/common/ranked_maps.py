"""Maps of different units side by side: drawn by rank, in viewers that move together."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from scipy.stats import rankdata

from xray.types import Case, Explanation
from xray.ui.viewer import viewer


def ranked(
    case: Case, explanation: Explanation, key: str, parts: Literal["controls", "picture"] = "picture"
) -> None:
    """A map by rank over its film, also of a finding below its operating point; or the controls of all."""
    viewer(
        case.radiograph,
        key=f"ranked {parts} {key}",
        case=replace(
            case, explanations=(by_rank(explanation),), prediction=case.prediction.at_threshold(0.0)
        ),
        finding=explanation.finding,
        scale=1.0,
        linked="ranked",
        parts=parts,
        told=parts == "controls",
        height=340,
    )


def by_rank(explanation: Explanation) -> Explanation:
    """The map's values (h, w) as ranks, from -1 over 0 in the middle to 1 for the highest."""
    values = explanation.raw_map
    ranks = rankdata(values.ravel()).reshape(values.shape) / values.size
    return replace(explanation, raw_map=(2 * ranks - 1).astype(np.float32))
