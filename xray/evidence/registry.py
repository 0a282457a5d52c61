"""The checks by name, each with the question it answers, its paper and which values are good."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from xray.evidence.context import Candidate, Subject
from xray.registry import Registry
from xray.types import Pixels, Verdict


@dataclass(frozen=True, eq=False)
class Reading:
    """What a check measured on one map; missing says why it cannot be judged, empty where it can."""

    value: float
    missing: str = ""
    details: Mapping[str, float] = field(default_factory=dict)
    curves: Mapping[str, Pixels] = field(default_factory=dict)
    maps: Mapping[str, Pixels] = field(default_factory=dict)


Better = Literal["higher", "lower"]
Measure = Callable[[Subject, Candidate], Reading]
Judge = Callable[[Reading, float, float | None], tuple[Verdict, str]]
Null = Callable[[Subject, Candidate], float]


@dataclass(frozen=True)
class Question:
    """sentence: what was measured, with {value}, {baseline} and {centered} in it.

    judge: the verdict and why, from what was measured, its mean for random maps and the limit. null: what
    the limit is drawn from, on a film and the map of another one (see limits.py); None where there is none.
    """

    name: str
    title: str
    question: str
    paper: str
    better: Better
    sentence: str
    measure: Measure
    judge: Judge
    null: Null | None


ORDER = (
    *("deletion", "insertion", "road", "randomization", "stability", "agreement", "location", "shortcut"),
)
CHECKS = Registry[Question]("check", order=ORDER)
UNMEASURED = "No limit was measured for this model and method."


def random_readings(name: str, measure: Measure, subject: Subject) -> list[Reading]:
    """What a check measures on random maps; agreement depends on which method is left out."""
    key = f"{name} of random maps, beside {subject.method.name if name == 'agreement' else 'any method'}"
    return subject.once(key, lambda: [measure(subject, one) for one in subject.random])


def baseline_of(name: str, measure: Measure, subject: Subject) -> float:
    """The mean for random maps."""
    return float(np.mean([one.value for one in random_readings(name, measure, subject)]))


def register(
    name: str,
    *,
    title: str,
    question: str,
    paper: str,
    better: Better,
    sentence: str,
    judge: Judge | None = None,
    null: Null | None = None,
) -> Callable[[Measure], Measure]:
    """Add a check. One without a judge of its own has as its limit what 95% of the maps of other films stay
    under: as a difference from random maps where higher is better, as it is where lower is.
    """

    def by_limit(own: Reading, baseline: float, limit: float | None) -> tuple[Verdict, str]:
        if limit is None:
            return "cannot be judged", UNMEASURED
        value = own.value - baseline if better == "higher" else own.value
        fine = value >= limit if better == "higher" else value <= limit
        beside = f"That is {value:+.2f} beside random maps. " if better == "higher" else ""
        told = f"{beside}Of the maps of other films 95% stay under {limit:+.2f}."
        return ("passed" if fine else "failed"), told

    def add(measure: Measure) -> Measure:
        def of_foreign_maps(subject: Subject, foreign: Candidate) -> float:
            beyond = baseline_of(name, measure, subject) if better == "higher" else 0.0
            return measure(subject, foreign).value - beyond

        judged = (judge, null) if judge else (by_limit, of_foreign_maps)
        CHECKS.add(name, Question(name, title, question, paper, better, sentence, measure, *judged))
        return measure

    return add
