"""The smallest change that flips an answer: the nearest step at which a finding crosses its operating point.

The range is looked at outward from neutral on a grid; between the last step that does not flip and the first
that does, halving finds the border. What happens within one cell of the grid and is over before its end is
not seen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from xray.models.predictor import Predictor
from xray.types import Radiograph
from xray.whatif.changes import CHANGES
from xray.whatif.response import asked
from xray.whatif.state import State

GRID = 12  # cells from neutral to the farther end of a range


@dataclass(frozen=True)
class Flip:
    """value: of the change, None where nothing in its range flips the answer; probability: of the finding
    there, or as it was. passes: through the network.
    """

    change: str
    value: float | None
    probability: float
    passes: int


def flip(model: Predictor, film: Radiograph, finding: str, name: str, grid: int = GRID) -> Flip:
    """The smallest change of one kind, alone. Raises InvalidRequest for an unknown finding."""
    index = model.entry.findings.index(model.entry.spelled(finding))
    point, said = np.float32(model.entry.thresholds[index]), dict[int, np.float32]()

    def at(steps: int) -> np.float32:
        if steps not in said:
            said[steps] = asked(model, film, State().at(name, CHANGES[name].at(steps)))[index]
        return said[steps]

    def flipped(steps: int) -> bool:
        return bool((at(steps) >= point) != (at(0) >= point))

    below, above = CHANGES[name].reach
    found = nearest(flipped, {1: above, -1: below}, grid)
    value = None if found is None else CHANGES[name].at(found)
    return Flip(name, value, float(at(found or 0)), len(said))


def nearest(flipped: Callable[[int], bool], ends: Mapping[int, int], grid: int) -> int | None:
    """The nearest step that flips. ends: how many steps each side, 1 or -1, has; the nearer side wins."""
    farthest = max(ends.values())
    cell = math.ceil(farthest / grid)
    for inner in range(0, farthest, cell):
        found = []
        for side, end in ends.items():
            outer = min(inner + cell, end)
            if outer > inner and flipped(side * outer):
                found.append(side * halved(flipped, side, inner, outer))
        if found:
            return min(found, key=abs)
    return None


def halved(flipped: Callable[[int], bool], side: int, inner: int, outer: int) -> int:
    """How many steps out the border is, between a step that does not flip and one that does."""
    while outer - inner > 1:
        middle = (inner + outer) // 2
        inner, outer = (inner, middle) if flipped(side * middle) else (middle, outer)
    return outer
