"""The checks by name, each with its question in a user's words and what its number means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from xray.audit.responses import Answers
from xray.registry import Registry

Verdict = Literal["passed", "failed", "cannot be judged"]


class Judgment(NamedTuple):
    """value: None where there is none. why: one sentence with the number."""

    value: float | None
    verdict: Verdict
    why: str


@dataclass(frozen=True)
class Result:
    """A check's answer for one classifier."""

    name: str
    title: str
    value: float | None
    threshold: float
    verdict: Verdict
    why: str


@dataclass(frozen=True)
class Check:
    """title: the question, to be answered with yes. meaning: what the value is and on which side of the
    threshold it fails. needs: from how many answered films on it can be judged.
    """

    name: str
    title: str
    meaning: str
    threshold: float
    needs: int
    judge: Callable[[Answers], Judgment]

    def result(self, answers: Answers) -> Result:
        films = len(answers.answered)
        judged = Judgment(
            None, "cannot be judged", f"{films} answered films are too few; it takes {self.needs}."
        )
        if films >= self.needs:
            judged = self.judge(answers)
        return Result(self.name, self.title, judged.value, self.threshold, judged.verdict, judged.why)


CHECKS = Registry[Check]("audit check")


def register(
    name: str, *, title: str, meaning: str, threshold: float, needs: int
) -> Callable[[Callable[[Answers], Judgment]], Callable[[Answers], Judgment]]:
    def add(judge: Callable[[Answers], Judgment]) -> Callable[[Answers], Judgment]:
        CHECKS.add(name, Check(name, title, meaning, threshold, needs, judge))
        return judge

    return add


def passed_if(passed: bool) -> Verdict:
    return "passed" if passed else "failed"
