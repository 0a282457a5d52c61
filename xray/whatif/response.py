"""How the answer responds when one change runs over its whole range."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xray.models.predictor import Predictor
from xray.types import Pixels, Radiograph
from xray.whatif.changes import CHANGES
from xray.whatif.state import State, applied

POINTS = 25  # of a curve


@dataclass(frozen=True, eq=False)
class Response:
    """values: of the change (n); probabilities: of every finding (n, K)."""

    change: str
    values: Pixels
    probabilities: Pixels


def asked(model: Predictor, film: Radiograph, state: State) -> Pixels:
    """Calibrated probabilities (K) of a film changed, in one pass, without intervals; those of `predict`."""
    return model.probabilities(model.logits(applied(film, state)))[0].numpy()


def response(model: Predictor, film: Radiograph, state: State, name: str, points: int = POINTS) -> Response:
    """One change over its range, everything else as the state has it; neutral is among the values."""
    below, above = CHANGES[name].reach
    steps = sorted({0, *np.rint(np.linspace(-below, above, points)).astype(int).tolist()})
    values = [CHANGES[name].at(one) for one in steps]
    said = [asked(model, film, state.at(name, value)) for value in values]
    return Response(name, np.array(values, np.float32), np.stack(said))
