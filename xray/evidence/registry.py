"""The registry of the checks of an explanation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from xray.evidence.context import Candidate, CheckContext, Limit, Reading
from xray.registry import Registry
from xray.types import Verdict

Better = Literal["higher", "lower"]
Measure = Callable[[CheckContext, Candidate], Reading]
Decide = Callable[[Reading, float | None], tuple[Verdict, str]]


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
        sentence: Result as a sentence with the field {value} and, for a check of its own rule, {baseline} and
            {centered}.
        description: Description for users.
        measure: Measures a map.
        decide: Returns the verdict and its reason from the reading and the limit, by the check's rule; None
            if the value is compared with the limit.
        limited: Whether the check needs a limit.
        remakes: Whether the check makes the map again, of another film or by another network.
        passed: What a passed check is called.
        failed: What a failed check is called.
    """

    name: str
    title: str
    question: str
    paper: str
    better: Better
    sentence: str
    description: Description
    measure: Measure
    decide: Decide | None
    limited: bool
    remakes: bool
    passed: str
    failed: str


ORDER = (
    *("deletion", "insertion", "road", "randomization", "stability", "agreement", "location", "shortcut"),
)
CHECKS = Registry[Question]("check", order=ORDER)
MARKS: dict[Verdict, str] = {"passed": "✓", "failed": "✗", "cannot be judged": "?"}
UNMEASURED = "No limit was measured for this model and method."


def outcome(name: str, verdict: str) -> str:
    """What a verdict of a check is called, such as "none found" for a passed Shortcut check."""
    question = CHECKS.get(name)
    names = {"passed": question.passed, "failed": question.failed} if question else {}
    return names.get(verdict, verdict)


def random_value(measure: Measure, context: CheckContext) -> float:
    """The mean value of random maps."""
    return float(np.mean([measure(context, candidate).value for candidate in context.film.random_maps]))


def by_limit(question: Question, value: float, limit: Limit | None) -> tuple[Verdict, str]:
    """Pass a value on the better side of the limit, which at most 5% of meaningless maps pass."""
    if limit is None:
        return "cannot be judged", UNMEASURED
    passed = value >= limit.value if question.better == "higher" else value <= limit.value
    side = "or more" if question.better == "higher" else "or less"
    return (
        "passed" if passed else "failed",
        f"A map without meaning has {limit.median:.2f} (median); the limit is {limit.value:.2f} {side}.",
    )


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
    limited: bool = True,
    remakes: bool = False,
    passed: str = "passed",
    failed: str = "failed",
) -> Callable[[Measure], Measure]:
    """Return a decorator that registers a check.

    Without `decide`, the value is compared with the limit (see by_limit).
    """

    def add(measure: Measure) -> Measure:
        facts = (name, title, question, paper, better, sentence, description, measure, decide)
        CHECKS.add(name, Question(*facts, limited, remakes, passed, failed))
        return measure

    return add
