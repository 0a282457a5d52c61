"""A sentence taken apart at what it speaks of: findings and checks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xray.report.draft import Fact
from xray.report.grounding.claims import Claim, certainty, claims
from xray.report.grounding.quantities import figures
from xray.report.grounding.wording import mentions

BREAK = re.compile(
    r"(?<=[.;!?])\s+|,\s+(?:and\s+|but\s+|while\s+|whereas\s+)?|\s+(?:and|but|while|whereas)\s+"
)
TOGETHER = re.compile(r"\b(?:both|all|each|every|these|respectively)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    """A stretch of a sentence, what it speaks of and where, and what it claims of all that."""

    text: str
    subjects: tuple[tuple[str, int], ...]
    claims: tuple[Claim, ...]

    @property
    def named(self) -> list[str]:
        return list(dict.fromkeys(name for name, _ in self.subjects))


def parts(text: str, facts: Sequence[Fact]) -> Iterator[Part]:
    """Pieces between commas and conjunctions, joined until each names its subject and says something."""
    found = subjects(text, facts)
    if TOGETHER.search(text):
        yield _part(text, 0, len(text), found)
        return
    start = end = 0
    pieces = [*((match.start(), match.end()) for match in BREAK.finditer(text)), (len(text), len(text))]
    begin = 0
    for stop, resume in pieces:
        here = [place for _, place in found if begin <= place < stop]
        held = _part(text, start, end, found)
        if here and held.subjects and (held.claims or _speaks(held)):
            yield held
            start = begin
        end, begin = stop, resume
    yield _part(text, start, len(text), found)


def _speaks(part: Part) -> bool:
    return bool(figures(part.text)) or certainty(part.text) is not None


def _part(text: str, start: int, end: int, found: Sequence[tuple[str, int]]) -> Part:
    own = tuple((name, place - start) for name, place in found if start <= place < end)
    return Part(text[start:end], own, tuple(claims(text[start:end])))


def subjects(text: str, facts: Sequence[Fact]) -> list[tuple[str, int]]:
    """The findings and checks that a text names, and where; of overlapping names the longest."""
    names = {name for fact in facts for name in (fact.finding, fact.check) if name}
    found, taken = [], text
    for name in sorted(names, key=len, reverse=True):
        for match in mentions(name).finditer(taken):
            found.append((name, match.start()))
            taken = taken[: match.start()] + "·" * len(match.group()) + taken[match.end() :]
    return sorted(found, key=lambda one: one[1])
