"""The frozen values of a report: Fact, Sentence, Report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Section = Literal["summary", "technique", "findings", "explanation", "not assessed", "limits"]
Value = str | int | float | tuple[str, ...]
# roles whose values are states that a sentence may claim, named as in report.grounding.claims
STATES = frozenset(
    (
        "answer",
        "support",
        "side",
        "verdict",
        "gate",
        "assessment",
        "evidence",
        "boxes",
        "rank",
        "region",
        "zone",
        "diagnosis",
    )
)


@dataclass(frozen=True)
class Fact:
    """One measured statement about a Case.

    Attributes:
        number: Position among the facts of the Case, from 1; sentences cite it.
        section: Section of the report.
        text: Sentence rendered from kind, finding and values.
        finding: Finding that the fact is about, or empty.
        kind: Key in report.sentences.TEMPLATES.
        values: Value of each role, such as {"probability": 0.847, "answer": "present"}.
    """

    number: int
    section: Section
    text: str
    finding: str = ""
    kind: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)

    @property
    def states(self) -> tuple[str, ...]:
        """States that a sentence may claim with this fact, such as ("above", "present")."""
        found: list[str] = []
        for role, value in self.values.items():
            if role in STATES:
                found += value if isinstance(value, tuple) else [str(value)]
        return tuple(found)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Lower and upper bound of the probability, where the fact has them."""
        bounds = self._numbers("low", "high")
        return (bounds[0], bounds[1]) if bounds else None

    @property
    def box(self) -> tuple[float, float, float, float] | None:
        """Left, top, right and bottom in source pixels, where the fact is about a box."""
        sides = self._numbers("left", "top", "right", "bottom")
        return (sides[0], sides[1], sides[2], sides[3]) if sides else None

    @property
    def check(self) -> str:
        """Title of the check that the fact is about, or empty."""
        return str(self.values.get("check", ""))

    def figure(self, role: str) -> float:
        """Return the value of a role that is a number. Raises KeyError if there is none."""
        numbers = self._numbers(role)
        if not numbers:
            raise KeyError(role)
        return numbers[0]

    def _numbers(self, *roles: str) -> list[float] | None:
        values = [self.values.get(role) for role in roles]
        numbers = [float(value) for value in values if isinstance(value, int | float)]
        return numbers if len(numbers) == len(roles) else None


@dataclass(frozen=True)
class Sentence:
    """A sentence of a report.

    Attributes:
        text: The sentence, without citations.
        section: Section of the report.
        cites: Numbers of the facts that support it.
        flags: Reasons why it is not supported, each a sentence; empty if it is supported.
    """

    text: str
    section: Section
    cites: tuple[int, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """The report of a narrator on one Case.

    Attributes:
        narrator: Name in the registry, followed by the language model in parentheses if there is one.
        prompt: The user's prompt.
        facts: All facts that the narrator received.
        sentences: The checked sentences.
        problem: Why the template replaced the requested narrator, or empty.
        edited: Whether the user edited the text.
        accepted: Whether the user accepted the report.
    """

    narrator: str
    prompt: str
    facts: tuple[Fact, ...]
    sentences: tuple[Sentence, ...]
    problem: str = ""
    edited: bool = False
    accepted: bool = False

    def section(self, name: Section) -> tuple[Sentence, ...]:
        """Sentences of one section."""
        return tuple(sentence for sentence in self.sentences if sentence.section == name)

    @property
    def flagged(self) -> tuple[Sentence, ...]:
        """Sentences that are not fully supported by their facts."""
        return tuple(sentence for sentence in self.sentences if sentence.flags)
