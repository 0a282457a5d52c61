"""Check of a sentence against the facts that it cites; a flag describes each unsupported part.

A sentence is split into clauses by the findings and checks that it names. A clause may contain only figures,
regions, answers and certainty that a cited fact on the same subject contains; comparisons, ranks and counts
are computed. Names and words with a clinical meaning must occur in a cited fact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from xray.report.grounding.certainty import certainty
from xray.report.grounding.claim_flags import is_about_map, wrong_claims, wrong_only
from xray.report.grounding.claims import NOT
from xray.report.grounding.clauses import (
    Clause,
    clauses,
    mentions,
    names_of,
    on_findings,
    subjects,
    without_names,
)
from xray.report.grounding.comparisons import COMPARES, compared
from xray.report.grounding.counts import is_true_count
from xray.report.grounding.figure_flags import wrong_figures
from xray.report.grounding.forbidden import forbidden
from xray.report.grounding.vocabulary import DENIES, changed_negations, states_denied, unsupported_words
from xray.report.grounding.wording import CHANGES, PHRASES, without_heading, without_known, without_model
from xray.report.types import Fact, Sentence
from xray.types.answer import percent_range

ONLY = re.compile(r"\bonly\b(?!\s(?:\d|(?:these|the)\s(?:\d|listed|named)))", re.IGNORECASE)
CITED = re.compile(r"\s*[\[(](?:facts?\s*)?(\d+(?:\s*,\s*\d+)*)[\])](?=[\s.,;:]|$)", re.IGNORECASE)


def grounded(sentence: Sentence, facts: Sequence[Fact]) -> Sentence:
    """Check a sentence against the facts that it cites.

    Args:
        sentence: A sentence; citations in brackets within its text count too.
        facts: All facts of the Case.

    Returns:
        The sentence without bracketed citations, with the facts that it cites and a flag for every part that
        they do not support.
    """
    text = CITED.sub("", sentence.text).strip()
    inline = [int(number) for match in CITED.findall(sentence.text) for number in match.split(",")]
    cites = tuple(dict.fromkeys((*sentence.cites, *inline)))
    known = {fact.number: fact for fact in facts}
    cited = [known[number] for number in cites if number in known]
    flags = [f"It cites fact {number}, which does not exist." for number in cites if number not in known]
    if not cited:
        flags = flags or ["It cites no fact."]
    else:
        flags += dict.fromkeys(_flags(text, cited, facts))
    return replace(sentence, text=text, cites=tuple(fact.number for fact in cited), flags=tuple(flags))


def _flags(text: str, cited: Sequence[Fact], facts: Sequence[Fact]) -> Iterator[str]:
    cited = [*cited, *_summarized(cited, facts)]
    allowed = " ".join(f"{fact.text} {fact.finding}." for fact in cited)
    is_quote = any(_same(text, fact.text) for fact in cited)
    text = text if is_quote else without_model(without_heading(text, facts), cited)
    comparison = None
    if not is_quote:
        yield from forbidden(without_names(text, {fact.finding for fact in cited if fact.finding}), allowed)
        comparison = compared(text, cited, facts)
    if comparison is False:
        yield "It makes a comparison that no cited fact makes."
    text = PHRASES.sub("", text)
    expression = certainty(text)
    described = without_known(text, cited, facts)
    described = COMPARES.sub("", described) if comparison else described
    unknown = unsupported_words(described, allowed, names_of(facts))
    if unknown := [word for word in unknown if not (expression and word in expression[0])]:
        yield f"No cited fact mentions {', '.join(unknown)}."
    if is_quote:
        return
    parts = list(clauses(text, facts))
    named = [name for name, _ in subjects(text, facts)]
    if ONLY.search(text) and not re.search(r"\bonly\b", allowed, re.I):
        yield from wrong_only([claim for clause in parts for claim in clause.claims], named, cited, facts)
        if not named and all(fact.section == "technique" for fact in cited):
            yield "No cited fact mentions only."
    for clause in parts:
        if is_true_count(clause, cited, facts):
            continue
        yield from wrong_figures(clause, cited)
        yield from wrong_claims(clause, cited, facts, named)
        yield from _too_certain(clause, cited)
    if _denies_changes(text, cited):
        yield "It denies what the cited facts state."
    if any(fact.kind in DENIES and states_denied(text, fact.text) for fact in cited):
        yield "It states what the cited facts deny."
    claimed = [claim for clause in parts for claim in clause.claims if not is_about_map(claim, clause)]
    if not claimed and not any(certainty(clause.text) for clause in parts):
        yield from changed_negations(text, cited)


def _summarized(cited: Sequence[Fact], facts: Sequence[Fact]) -> list[Fact]:
    """The facts on the findings that a cited answer names."""
    answers = [fact.text for fact in cited if fact.kind == "answer"]
    return [
        fact
        for fact in on_findings(facts)
        if fact not in cited and any(mentions(fact.finding).search(answer) for answer in answers)
    ]


def _denies_changes(text: str, cited: Sequence[Fact]) -> bool:
    """Whether a sentence denies that small changes move the answer, which a cited answer states."""
    change = CHANGES.search(text)
    moved = any(fact.kind == "answer" and CHANGES.search(fact.text) for fact in cited)
    return bool(moved and change and NOT.search(text[change.end() :][:24].partition(",")[0]))


def _same(text: str, fact: str) -> bool:
    return " ".join(text.split()).rstrip(".").lower() == " ".join(fact.split()).rstrip(".").lower()


def _too_certain(clause: Clause, cited: Sequence[Fact]) -> Iterator[str]:
    expression = certainty(clause.text)
    if expression is None:
        return
    word, (low, high) = expression
    place = clause.text.lower().find(word)
    before = list(dict.fromkeys(name for name, start in clause.subjects if start < place))
    for name in before or clause.names or [""]:
        intervals = {
            fact.finding: fact.interval
            for fact in cited
            if fact.interval and (not name or fact.finding == name)
        }
        for finding, bounds in intervals.items():
            if not low <= bounds[0] <= bounds[1] <= high:
                yield (
                    f"“{word}” is more certain than the interval of {finding} allows: "
                    f"{percent_range(*bounds)}."
                )
        if not intervals:
            yield f"“{word}” is not supported by a cited interval."
