"""How predictions respond to one change: the curve over its range, and the smallest flip.

The search for a flip starts at neutral and goes outward on a grid; bisection refines the first cell whose end
flips. A flip that begins and ends within one cell is not found.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from xray.models.predictor import Predictor
from xray.types import Pixels, Radiograph
from xray.whatif.changes import CHANGES
from xray.whatif.state import State, applied

POINTS = 25  # of a curve
GRID = 12  # cells from neutral to the farther end of a range


@dataclass(frozen=True, eq=False)
class Response:
    """Probabilities over the range of a change.

    Attributes:
        change: Name of the change.
        values: Values of the change, (n).
        probabilities: Probabilities of every finding, (n, K).
    """

    change: str
    values: Pixels
    probabilities: Pixels


@dataclass(frozen=True)
class Flip:
    """The smallest value of a change at which a finding crosses its operating point.

    Attributes:
        change: Name of the change.
        value: Value of the change; None if no value in its range flips the finding.
        probability: Probability of the finding at the value, or of the unchanged film if there is none.
        passes: Number of forward passes.
    """

    change: str
    value: float | None
    probability: float
    passes: int


def probabilities_of(model: Predictor, film: Radiograph, state: State) -> Pixels:
    """Probabilities (K) of a changed film, equal to those of `predict`, in one pass without intervals."""
    return model.probabilities(model.logits(applied(film, state)))[0].numpy()


def response(model: Predictor, film: Radiograph, state: State, name: str, points: int = POINTS) -> Response:
    """Compute the probabilities over the range of one change, with all other values of a state fixed.

    Args:
        model: The model.
        film: The film before any change.
        state: The other values.
        name: Name of the change.
        points: Number of values, evenly spaced; neutral is added.
    """
    below, above = CHANGES[name].reach
    steps = sorted({0, *np.rint(np.linspace(-below, above, points)).astype(int).tolist()})
    values = [CHANGES[name].at(step) for step in steps]
    probabilities = [probabilities_of(model, film, state.at(name, value)) for value in values]
    return Response(name, np.array(values, np.float32), np.stack(probabilities))


def flip(
    model: Predictor,
    film: Radiograph,
    finding: str,
    name: str,
    grid: int = GRID,
    point: float | None = None,
) -> Flip:
    """Find the smallest value of a single change that moves a finding across its operating point.

    Args:
        model: The model.
        film: The film before any change.
        finding: Name of the finding.
        name: Name of the change.
        grid: Number of cells from neutral to the farther end of the range.
        point: Operating point of the finding; that of the model if None.

    Raises:
        InvalidRequest: If the model does not report the finding.
    """
    index = model.entry.findings.index(model.entry.spelled(finding))
    threshold = np.float32(model.entry.thresholds[index] if point is None else point)
    probabilities = dict[int, np.float32]()

    def at(steps: int) -> np.float32:
        if steps not in probabilities:
            state = State().at(name, CHANGES[name].at(steps))
            probabilities[steps] = probabilities_of(model, film, state)[index]
        return probabilities[steps]

    def flipped(steps: int) -> bool:
        return bool((at(steps) >= threshold) != (at(0) >= threshold))

    below, above = CHANGES[name].reach
    found = nearest(flipped, {1: above, -1: below}, grid)
    value = None if found is None else CHANGES[name].at(found)
    return Flip(name, value, float(at(found or 0)), len(probabilities))


def nearest(flipped: Callable[[int], bool], ends: Mapping[int, int], grid: int) -> int | None:
    """Find the step nearest to neutral that flips.

    Args:
        flipped: Whether a step flips.
        ends: Number of steps on each side, 1 or -1.
        grid: Number of cells up to the farther end.

    Returns:
        The step, negative below neutral; None if no end of a cell flips.
    """
    farthest = max(ends.values())
    cell = math.ceil(farthest / grid)
    for inner in range(0, farthest, cell):
        found = []
        for side, end in ends.items():
            outer = min(inner + cell, end)
            if outer > inner and flipped(side * outer):
                found.append(side * bisected(flipped, side, inner, outer))
        if found:
            return min(found, key=abs)
    return None


def bisected(flipped: Callable[[int], bool], side: int, inner: int, outer: int) -> int:
    """Find the border between an inner step that does not flip and an outer one that does, by bisection."""
    while outer - inner > 1:
        middle = (inner + outer) // 2
        inner, outer = (inner, middle) if flipped(side * middle) else (middle, outer)
    return outer
