"""Cases made by hand: what is kept of them is known."""

from __future__ import annotations

import numpy as np

from xray.geometry import Affine
from xray.types import Case, Check, Explanation, GateResult, Prediction, Radiograph, Verdict

FINDINGS = ("Effusion", "Mass", "Nodule")
POINTS = (0.5, 0.25, 0.75)
NAME = "MEIER_ANNA_1970.png"
ACCEPTED = GateResult(True, "", "", "accepted")


def case(
    seed: int = 0,
    said: tuple[float, float, float] = (0.9, 0.125, 0.25),
    *,
    model_id: str = "planted",
    weights: str = "a" * 64,
    gate: GateResult = ACCEPTED,
    simulated: bool = False,
) -> Case:
    """A film of noise, known answers, and a map with its evidence at the top left."""
    pixels = np.random.default_rng(seed).random((48, 40), np.float32)
    probabilities = np.float32(said)
    raw_map = np.zeros((6, 5), np.float32)
    raw_map[0, 0] = 2.0
    maps = tuple(
        Explanation(
            "gradcam", "last", finding, raw_map, Affine.stretch((6, 5), (48, 40)), (48, 40), model_id, weights
        )
        for finding in FINDINGS
    )
    prediction = Prediction(
        model_id,
        weights,
        FINDINGS,
        logits=np.log(probabilities / (1 - probabilities)),
        probabilities=probabilities,
        thresholds=np.float32(POINTS),
        intervals=np.stack([probabilities - 0.05, probabilities + 0.05], axis=1).clip(0, 1),
        present=np.float32([0.3, 0.3, 0.3]),
        absent=np.float32([0.5, 0.5, 0.5]),
    )
    return Case(Radiograph(pixels, NAME, simulated=simulated), prediction, maps, gate)


def check(name: str, verdict: Verdict, value: float = 0.5) -> Check:
    return Check(name, value, 0.1, 0.2, verdict, "because", 0.1)
