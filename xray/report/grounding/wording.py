"""Parts of a sentence that state nothing about the film and are left out before its words are checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from xray.report.grounding.clauses import subjects
from xray.report.types import Fact

CHANGES = re.compile(  # what an interval is measured by
    r"\b(?:small|slight|minor) changes (?:of|to|in) the (?:film|image)(?: (?:move|shift)s?)?\b", re.IGNORECASE
)
OTHER = re.compile(r"[^,;.:]*?\b(?:was|were)\snot\s(?:assessed|evaluated|examined)\b", re.IGNORECASE)
HEADING = re.compile(r"[A-Z][A-Za-z]+(?:\s[A-Za-z]+)?:\s")
PHRASES = re.compile(  # words that mean something else alone
    r"\bclear\s(?=answer|statement|verdict|result)|\bneither\sconfirmed\snor\b|"
    r"\bclearly\s(?=exceed|above|below|over|under|reach|surpass|short)|"
    r"\bsingle\s(?=(?:\w+\s)?(?:film|radiograph|image|x-ray|picture|box)\b)",
    re.IGNORECASE,
)


def without_heading(text: str, facts: Sequence[Fact]) -> str:
    """The text without a heading such as "Lungs:", unless it is the name of a finding or a check."""
    heading = HEADING.match(text)
    return text[heading.end() :] if heading and not subjects(heading.group(), facts) else text


def without_model(text: str, cited: Iterable[Fact]) -> str:
    """The text without the title of the model, which may contain the name of a finding."""
    for fact in cited:
        if fact.kind == "model":
            text = text.replace(str(fact.values["model"]), "the model")
    return text


def without_known(text: str, cited: Sequence[Fact], facts: Sequence[Fact]) -> str:
    """The text without the changes of the film behind an interval, and without what was not assessed."""
    if any(fact.interval for fact in cited):
        text = CHANGES.sub("", text)
    if (other := OTHER.match(text)) and not subjects(other.group(), facts):
        text = text.replace(other.group(), "")
    return text
