"""Clauses of a sentence, each with the findings and checks that it is about and the claims that it makes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from xray.report.grounding.certainty import certainty
from xray.report.grounding.claims import Claim, claims
from xray.report.grounding.quantities import figures
from xray.report.types import Fact

BREAK = re.compile(
    r"(?<=[.;!?])\s+|,\s+(?:and\s+|but\s+|while\s+|whereas\s+)?|\s+(?:and|but|while|whereas)\s+"
)
TOGETHER = re.compile(r"\b(?:both|all|each|every|these|respectively)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Clause:
    """A part of a sentence.

    Attributes:
        text: Text of the clause.
        subjects: Names of findings and checks in it, each with its start.
        claims: What it states about them.
    """

    text: str
    subjects: tuple[tuple[str, int], ...]
    claims: tuple[Claim, ...]

    @property
    def names(self) -> list[str]:
        """Names of the subjects, each once."""
        return list(dict.fromkeys(name for name, _ in self.subjects))


def clauses(text: str, facts: Sequence[Fact]) -> Iterator[Clause]:
    """Split a sentence at commas and conjunctions; join parts until each has a subject and a statement."""
    found = subjects(text, facts)
    if TOGETHER.search(text):
        yield _clause(text, 0, len(text), found)
        return
    start = end = begin = 0
    for stop, resume in [*(match.span() for match in BREAK.finditer(text)), (len(text), len(text))]:
        current = _clause(text, start, end, found)
        names_subject = any(begin <= place < stop for _, place in found)
        if names_subject and current.subjects and (current.claims or _has_figure_or_certainty(current)):
            yield current
            start = begin
        end, begin = stop, resume
    yield _clause(text, start, len(text), found)


def _has_figure_or_certainty(clause: Clause) -> bool:
    return bool(figures(clause.text)) or certainty(clause.text) is not None


def _clause(text: str, start: int, end: int, found: Sequence[tuple[str, int]]) -> Clause:
    inside = tuple((name, place - start) for name, place in found if start <= place < end)
    return Clause(text[start:end], inside, tuple(claims(text[start:end])))


def subjects(text: str, facts: Sequence[Fact]) -> list[tuple[str, int]]:
    """Findings and checks that a text names, with their starts; of overlapping names the longest."""
    names = {name for fact in facts for name in (fact.finding, fact.check) if name}
    found, remaining = [], text
    for name in sorted(names, key=len, reverse=True):
        for match in mentions(name).finditer(remaining):
            found.append((name, match.start()))
            remaining = remaining[: match.start()] + "·" * len(match.group()) + remaining[match.end() :]
    return sorted(found, key=lambda subject: subject[1])


@cache
def mentions(name: str) -> re.Pattern[str]:
    """Pattern of a name as a word or plural; a name that begins with "No" matches with its case only."""
    flags = 0 if name.startswith("No ") else re.IGNORECASE
    return re.compile(rf"(?<!\w){re.escape(name)}(?:s|es)?(?!\w)", flags)


def facts_on(name: str, cited: Iterable[Fact]) -> list[Fact]:
    """The cited facts about a finding or a check, and those that list it among others."""
    return [
        fact
        for fact in cited
        if name in (fact.finding, fact.check)
        or (
            not fact.finding
            and fact.section in ("findings", "not assessed")
            and mentions(name).search(fact.text)
        )
    ]
