"""The frozen values of a report: Fact, Sentence, Report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Section = Literal["technique", "findings", "explanation", "not assessed", "limits"]


@dataclass(frozen=True)
class Fact:
    """One measured statement of a Case; number counts from 1.

    text: a sentence that says it. finding: which finding it speaks of, or empty. values: every figure that
    may be quoted from it, as written in text. roles: what each of them is, where that is known. states: what
    may be claimed from it, in the words of report.grounding.claims. interval: where the probability stays.
    check: the title of the check it tells of. box: left, top, right and bottom in source pixels.
    """

    number: int
    section: Section
    text: str
    finding: str = ""
    values: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    interval: tuple[float, float] | None = None
    check: str = ""
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Sentence:
    """A sentence of a report. cites: numbers of the facts it stands on. flags: what in it does not hold, each
    a sentence; an unflagged sentence says what its facts say.
    """

    text: str
    section: Section
    cites: tuple[int, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """What a narrator wrote of one Case. narrator: its name in the registry, and the model behind it if any.
    problem: why the template stands in for the narrator that was asked, or empty. edited, accepted: by the
    user.
    """

    narrator: str
    prompt: str
    facts: tuple[Fact, ...]
    sentences: tuple[Sentence, ...]
    problem: str = ""
    edited: bool = False
    accepted: bool = False

    def section(self, name: Section) -> tuple[Sentence, ...]:
        return tuple(sentence for sentence in self.sentences if sentence.section == name)

    @property
    def flagged(self) -> tuple[Sentence, ...]:
        return tuple(sentence for sentence in self.sentences if sentence.flags)
