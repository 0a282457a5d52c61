"""The registry of the checks of an explanation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from xray.evidence.context import Candidate, CheckContext, Reading
from xray.registry import Registry
from xray.types import Verdict

Better = Literal["higher", "lower"]
Measure = Callable[[CheckContext, Candidate], Reading]
Decide = Callable[[Reading, float, float | None], tuple[Verdict, str]]
NullValue = Callable[[CheckContext, Candidate], float]


@dataclass(frozen=True)
class Description:
    """How a check is explained to a user, in Markdown; docs/evidence.md has the same text.

    Attributes:
        formula: What is computed.
        reading: Which values are good, and what to compare them with.
        caution: How the check can mislead.
        references: The papers, and differences from them.
    """

    formula: str
    reading: str
    caution: str
    references: str


@dataclass(frozen=True)
class Question:
    """A registered check.

    Attributes:
        name: Name in requests and files.
        title: Name for users.
        question: The question that the check answers.
        paper: arXiv number or DOI.
        better: Whether higher or lower values are better.
        sentence: Result as a sentence with the fields {value}, {baseline} and {centered}.
        description: Description for users.
        measure: Measures a map.
        decide: Returns the verdict and its reason from the reading, the baseline and the limit.
        null_value: Measures the value whose distribution over maps of other films gives the limit (see
            limits.py); None for a check without a limit.
    """

    name: str
    title: str
    question: str
    paper: str
    better: Better
    sentence: str
    description: Description
    measure: Measure
    decide: Decide
    null_value: NullValue | None


ORDER = (
    *("deletion", "insertion", "road", "randomization", "stability", "agreement", "location", "shortcut"),
)
CHECKS = Registry[Question]("check", order=ORDER)
UNMEASURED = "No limit was measured for this model and method."


def random_readings(name: str, measure: Measure, context: CheckContext) -> list[Reading]:
    """Measure random maps; for agreement the result depends on the method that is left out."""
    readings, key = context.film.random_readings, (name, context.method.name if name == "agreement" else "")
    if key not in readings:
        readings[key] = [measure(context, candidate) for candidate in context.film.random_maps]
    return readings[key]


def baseline_of(name: str, measure: Measure, context: CheckContext) -> float:
    """The mean value of random maps."""
    return float(np.mean([reading.value for reading in random_readings(name, measure, context)]))


def register(
    name: str,
    *,
    title: str,
    question: str,
    paper: str,
    better: Better,
    sentence: str,
    description: Description,
    decide: Decide | None = None,
    null_value: NullValue | None = None,
) -> Callable[[Measure], Measure]:
    """Return a decorator that registers a check.

    Without `decide`, the value is compared with a limit, the 95th percentile of the maps of other films. If
    higher is better, the difference from random maps is compared, otherwise the value itself.
    """

    def by_limit(reading: Reading, baseline: float, limit: float | None) -> tuple[Verdict, str]:
        if limit is None:
            return "cannot be judged", UNMEASURED
        value = reading.value - baseline if better == "higher" else reading.value
        passed = value >= limit if better == "higher" else value <= limit
        difference = f"The difference from random maps is {value:+.2f}. " if better == "higher" else ""
        reason = f"{difference}Of the maps of other films, 95% are below {limit:+.2f}."
        return ("passed" if passed else "failed"), reason

    def add(measure: Measure) -> Measure:
        def value_of(context: CheckContext, candidate: Candidate) -> float:
            baseline = baseline_of(name, measure, context) if better == "higher" else 0.0
            return measure(context, candidate).value - baseline

        decision = (decide, null_value) if decide else (by_limit, value_of)
        CHECKS.add(
            name, Question(name, title, question, paper, better, sentence, description, measure, *decision)
        )
        return measure

    return add
