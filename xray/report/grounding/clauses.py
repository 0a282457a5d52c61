"""Clauses of a sentence, each with the findings and checks that it is about and the claims that it makes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from xray.report.grounding.certainty import certainty
from xray.report.grounding.claims import Claim, blanked, claims
from xray.report.grounding.quantities import figures
from xray.report.types import Fact

BREAK = re.compile(
    r"(?<=[.;!?])\s+|,\s+(?:and\s+|but\s+|while\s+|whereas\s+)?|\s+(?:and|but|while|whereas)\s+"
)
COUNT = re.compile(r"\w+\s(?:out\s)?of\s(?:all\s|the\s|its\s)?\w+\sfindings\b", re.IGNORECASE)
LISTING = re.compile(
    r"\b(?:and|or|nor|as|well|also|for|of|the|both|along|alongside|together|with|are|is|were|was|checks?|"
    r"maps?)\b|\d+(?:\.\d+)?%?|[\s,.]",
    re.IGNORECASE,
)
STRONG_BREAK = re.compile(
    r"(?<=[.;!?])\s+|,?\s+(?:but|while|whereas)\s+|,\s+(?=the\s(?:one|ones|map|other)\b)", re.IGNORECASE
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
    """Split a sentence at commas and conjunctions; join parts until each has a subject and a statement.

    A part that consists of names continues a list.
    """
    found = subjects(text, facts)
    breaks = (STRONG_BREAK if TOGETHER.search(text) else BREAK).finditer(text)
    start = end = begin = 0
    for stop, resume in [*(match.span() for match in breaks), (len(text), len(text))]:
        current = _clause(text, start, end, found)
        names_subject = any(begin <= place < stop for _, place in found)
        if text[:begin].rstrip()[-1:] != ";":
            names_subject = names_subject and not _is_list(
                text[begin:stop], _clause(text, begin, stop, found)
            )
        counted = COUNT.search(current.text) and not current.subjects
        if (
            names_subject
            and (current.subjects or counted)
            and (current.claims or _has_figure_or_certainty(current))
        ):
            yield current
            start = begin
        end, begin = stop, resume
    yield _clause(text, start, len(text), found)


def _is_list(part: str, clause: Clause) -> bool:
    """Whether a part contains nothing but names."""
    return not LISTING.sub(" ", without_names(part, clause.names)).strip(" ·")


def _has_figure_or_certainty(clause: Clause) -> bool:
    return bool(figures(clause.text)) or certainty(clause.text) is not None


def _clause(text: str, start: int, end: int, found: Sequence[tuple[str, int]]) -> Clause:
    inside = tuple((name, place - start) for name, place in found if start <= place < end)
    plain = text[start:end]
    for name, place in inside:
        if name.startswith("No "):  # no negation
            plain = blanked(plain, place, place + len(name))
    return Clause(text[start:end], inside, tuple(claims(plain, text)))


def subjects(text: str, facts: Sequence[Fact]) -> list[tuple[str, int]]:
    """Findings and checks that a text names, with their starts; of overlapping names the longest."""
    found, remaining = [], text
    for name in sorted(names_of(facts), key=len, reverse=True):
        for match in mentions(name).finditer(remaining):
            found.append((name, match.start()))
            remaining = blanked(remaining, *match.span())
    return sorted(found, key=lambda subject: subject[1])


def names_of(facts: Iterable[Fact]) -> set[str]:
    """Names of the findings and checks of facts."""
    return {name for fact in facts for name in (fact.finding, fact.check) if name}


def without_names(text: str, names: Iterable[str]) -> str:
    """The text of the same length without names of findings or checks."""
    for name in names:
        text = mentions(name).sub(lambda match: "·" * len(match.group()), text)
    return text


@cache
def mentions(name: str) -> re.Pattern[str]:
    """Pattern of a name as a word or plural; a name that begins with "No" matches with its case only."""
    flags = 0 if name.startswith("No ") else re.IGNORECASE
    return re.compile(rf"(?<!\w){re.escape(name)}(?:s|es)?(?!\w)", flags)


def on_findings(facts: Iterable[Fact]) -> list[Fact]:
    """The facts that state the probability of a finding."""
    return [fact for fact in facts if "probability" in fact.values]


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
