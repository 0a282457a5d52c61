"""Check of a sentence against the facts that it cites; a flag describes each unsupported part.

A sentence is split into clauses by the findings and checks that it names. A clause may contain only figures,
regions, answers and certainty that a cited fact on the same subject contains, and only plain words or words
of the cited facts. Additions of a language model are thus flagged without a list of possible errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from xray.report.grounding.certainty import certainty
from xray.report.grounding.claim_flags import is_about_map, wrong_claims, wrong_only
from xray.report.grounding.clauses import Clause, clauses, mentions, subjects
from xray.report.grounding.counts import is_true_count
from xray.report.grounding.figure_flags import wrong_figures
from xray.report.grounding.positions import names_patient_side
from xray.report.grounding.vocabulary import changed_negations, unsupported_words
from xray.report.types import Fact, Sentence
from xray.types.answer import percent_range

CITED = re.compile(r"\s*[\[(](?:facts?\s*)?(\d+(?:\s*,\s*\d+)*)[\])](?=[\s.,;:]|$)", re.IGNORECASE)
ADVICE = re.compile(
    r"\b(?:treat\w*|therap\w*|recommend\w*|advi[sc]e\w*|prescri\w*|should|must|antibiotic\w*|biops\w*|surger\w*|"
    r"suffer\w*|patient\s(?:has|had)|follow-up|urgent\w*|refer\w*(?!\sto\sthe\simage)|hospital\w*)\b",
    re.IGNORECASE,
)
CHANGES = re.compile(  # what an interval is measured by
    r"\b(?:small|slight|minor) changes (?:of|to|in) the (?:film|image)(?: (?:move|shift)s?)?\b", re.IGNORECASE
)
COMPARES = re.compile(
    r"\b(?:more|less|higher|lower|greater|smaller|larger|better|worse)\b[\w\s]{0,24}?\bthan\b", re.I
)


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
    allowed = " ".join(fact.text for fact in cited)
    without_names = _without_names(text, cited)
    is_quote = any(_same(text, fact.text) for fact in cited)
    if names_patient_side(without_names) and not is_quote:
        yield "It names a side of the patient; the facts give sides of the image only."
    if (found := ADVICE.search(text)) and not re.search(rf"\b{re.escape(found.group())}\b", allowed, re.I):
        yield "It gives advice or makes a diagnosis; the model does neither."
    if (
        (found := COMPARES.search(without_names))
        and not _compares_with_point(without_names, found)
        and found.group().lower() not in allowed.lower()
    ):
        yield "It makes a comparison that no cited fact makes."
    expression = certainty(text)
    described = CHANGES.sub("", text) if any(fact.interval for fact in cited) else text
    unknown = unsupported_words(described, allowed)
    if unknown := [word for word in unknown if not (expression and word in expression[0])]:
        yield f"No cited fact mentions {', '.join(unknown)}."
    if is_quote:
        return
    parts = list(clauses(text, facts))
    named = [name for name, _ in subjects(text, facts)]
    if re.search(r"\bonly\b(?!\s\d)", text, re.I) and not re.search(r"\bonly\b", allowed, re.I):
        yield from wrong_only([claim for clause in parts for claim in clause.claims], named, facts)
    for clause in parts:
        if is_true_count(clause, cited, facts):
            continue
        yield from wrong_figures(clause, cited)
        yield from wrong_claims(clause, cited, facts, named)
        yield from _too_certain(clause, cited)
    claimed = [claim for clause in parts for claim in clause.claims if not is_about_map(claim, clause)]
    if not claimed and not any(certainty(clause.text) for clause in parts):
        yield from changed_negations(text, allowed)


def _same(text: str, fact: str) -> bool:
    return " ".join(text.split()).rstrip(".").lower() == " ".join(fact.split()).rstrip(".").lower()


def _without_names(text: str, cited: Iterable[Fact]) -> str:
    """The text without names of findings, which may contain a side or a number."""
    for name in {fact.finding for fact in cited if fact.finding}:
        text = mentions(name).sub(lambda match: "·" * len(match.group()), text)
    return text


def _compares_with_point(text: str, found: re.Match[str]) -> bool:
    return bool(
        re.match(r"\s(?:[\w.%]+\s){0,4}(?:operating\spoint|threshold|cut-?off)", text[found.end() :], re.I)
    )


def _too_certain(clause: Clause, cited: Sequence[Fact]) -> Iterator[str]:
    expression = certainty(clause.text)
    if expression is None:
        return
    word, (low, high) = expression
    for name in clause.names or [""]:
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
