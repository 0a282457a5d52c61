"""Adaptive staircases: the contrast of the next film from the answers so far.

Two transformed up-down staircases are interleaved (Levitt 1971, doi:10.1121/1.1912375). The easier one lowers
the contrast after two detections in a row and raises it after a miss; it converges on the contrast that is
detected in 70.7%. The harder one lowers it after a detection and raises it after two misses in a row: 29.3%.
Between them lies the contrast that is detected half of the time, and both together show the slope.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

Kind = Literal["harder", "easier", "catch"]
LARGE, SMALL = 1.0, 0.5  # steps in octaves (factors of two), before and after the first reversal
CATCH = 4  # one film of so many has no lesion


@dataclass(frozen=True)
class Rule:
    """Numbers of detections in a row that lower the contrast, and of misses that raise it."""

    down: int
    up: int


RULES: dict[Kind, Rule] = {"harder": Rule(1, 2), "easier": Rule(2, 1)}


def next_contrast(answers: Sequence[bool], rule: Rule, start: float, limits: tuple[float, float]) -> float:
    """The contrast of the next film of a staircase.

    Args:
        answers: Whether each lesion so far was detected.
        rule: When the contrast changes.
        start: Contrast of the first film.
        limits: Lowest and highest contrast.
    """
    low, high = np.log2(limits)
    level, hits, misses = float(np.log2(start)), 0, 0
    before, is_reversed = 0, False
    for detected in answers:
        hits, misses = (hits + 1, 0) if detected else (0, misses + 1)
        direction = -1 if hits == rule.down else 1 if misses == rule.up else 0
        if direction:
            is_reversed |= before == -direction
            level = min(max(level + direction * (SMALL if is_reversed else LARGE), low), high)
            hits, misses, before = 0, 0, direction
    return float(2**level)


def schedule(films: int, seed: int) -> tuple[Kind, ...]:
    """What each film of a session is: of one of both staircases, or a catch film without a lesion.

    Of every CATCH films in a row one is a catch film, at a random position; the others alternate.
    """
    rng = np.random.default_rng([seed, 5])
    kinds: list[Kind] = []
    turn = 0
    for start in range(0, films, CATCH):
        size = min(CATCH, films - start)
        catch = int(rng.integers(CATCH))
        for position in range(size):
            if position == catch:
                kinds.append("catch")
            else:
                kinds.append("easier" if turn % 2 == 0 else "harder")
                turn += 1
    return tuple(kinds)
