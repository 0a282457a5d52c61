"""The registered audit checks, each with its question and the meaning of its value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from xray.audit.predictions import Predictions
from xray.registry import Registry

Verdict = Literal["passed", "failed", "cannot be judged"]


class Judgment(NamedTuple):
    """Outcome of a check: its value (None if undefined), the verdict, and one sentence with the value."""

    value: float | None
    verdict: Verdict
    why: str


@dataclass(frozen=True)
class Result:
    """Result of a check for one classifier."""

    name: str
    title: str
    value: float | None
    threshold: float
    verdict: Verdict
    why: str


@dataclass(frozen=True)
class Check:
    """A check of the audit.

    Attributes:
        name: Name of the check.
        title: Question whose answer should be yes.
        meaning: Meaning of the value, and the side of the threshold on which the check fails.
        threshold: Threshold of the value.
        needs: Number of films with predictions that the check needs.
        evaluate: Function that computes value and verdict.
    """

    name: str
    title: str
    meaning: str
    threshold: float
    needs: int
    evaluate: Callable[[Predictions], Judgment]

    def result(self, predictions: Predictions) -> Result:
        """Apply the check; with too few films the verdict is "cannot be judged"."""
        films = len(predictions.valid)
        judged = Judgment(
            None, "cannot be judged", f"{films} answered films are too few; it takes {self.needs}."
        )
        if films >= self.needs:
            judged = self.evaluate(predictions)
        return Result(self.name, self.title, judged.value, self.threshold, judged.verdict, judged.why)


CHECKS = Registry[Check]("audit check")


def register(
    name: str, *, title: str, meaning: str, threshold: float, needs: int
) -> Callable[[Callable[[Predictions], Judgment]], Callable[[Predictions], Judgment]]:
    """Register a function as a check; see Check for the arguments."""

    def add(evaluate: Callable[[Predictions], Judgment]) -> Callable[[Predictions], Judgment]:
        CHECKS.add(name, Check(name, title, meaning, threshold, needs, evaluate))
        return evaluate

    return add


def passed_if(passed: bool) -> Verdict:
    """Return "passed" if a condition holds, else "failed"."""
    return "passed" if passed else "failed"
