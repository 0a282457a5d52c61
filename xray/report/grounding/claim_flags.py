"""Flags for claims of a clause that the cited facts, or all facts together, do not support."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from xray.report.grounding.certainty import certainty
from xray.report.grounding.claims import GROUPS, NOT, Claim, is_of_map
from xray.report.grounding.clauses import Clause, facts_on, mentions, subjects
from xray.report.grounding.quantities import figures
from xray.report.grounding.vocabulary import PLAIN_STEMS, stem, words
from xray.report.types import Fact

POOL = re.compile(
    r"\b(?P<how>all|every|each|both|any|no|none|most|many|some|several|few|(?:the\s)?(?:other|remaining)|rest)\b"
    r"(?:\s(?:of|the|its|these|those|other|remaining|assessed|reported))*\s(?P<what>findings?|checks?|answers?)\b",
    re.IGNORECASE,
)
PLURAL = re.compile(r"\b(?P<how>the|its)?\s?(?P<what>findings|checks)\b", re.IGNORECASE)
OUTCOME = re.compile(
    r"\b(?:show\w*|demonstrat\w*|confirm\w*|establish\w*|reveal\w*|found|finds?|indicat\w*)\s(?:that|how)\b",
    re.IGNORECASE,
)
OTHERS = re.compile(r"\b(?:other|remaining|rest|else)\b", re.IGNORECASE)


def wrong_only(made: Sequence[Claim], named: Sequence[str], facts: Sequence[Fact]) -> Iterator[str]:
    """Claims on "only" some findings that are true of others too; any other "only" is unsupported."""
    made = [claim for claim in made if claim.group in ("side", "answer")]
    if not made or not named:
        yield "No cited fact mentions only."
    for claim in made:
        for fact in facts:
            if "probability" in fact.values and fact.finding not in named and set(fact.states) & claim.states:
                yield f"That is true of {fact.finding} too."


def wrong_claims(
    clause: Clause, cited: Sequence[Fact], facts: Sequence[Fact], named: Sequence[str]
) -> Iterator[str]:
    """Claims that no cited fact on the same subject supports.

    Args:
        clause: A clause of the sentence.
        cited: The facts that the sentence cites.
        facts: All facts.
        named: Findings and checks of the whole sentence, which "other findings" excludes.
    """
    pool = POOL.search(clause.text)
    if not pool and not clause.subjects and not figures(clause.text):
        pool = PLURAL.search(clause.text)
    checks = {fact.check for fact in facts if fact.check}
    made = [claim for claim in clause.claims if not is_about_map(claim, clause)]
    if OUTCOME.search(clause.text) and not any(claim.group == "verdict" for claim in made):
        made += [Claim("verdict", frozenset(("passed",)), "") for name in clause.names if name in checks]
    for claim in made:
        names = [name for name in clause.names if (name in checks) == (claim.group == "verdict")]
        if (
            claim.group in ("side", "answer", "verdict")
            and pool
            and (not names or OTHERS.search(pool.group()))
        ):
            excluded = named or [name for name, _ in subjects(" ".join(fact.text for fact in cited), facts)]
            yield from _wrong_of_all(claim, pool, excluded, facts)
            continue
        for name in names or [""]:
            if name and not any(mentions(name).search(fact.text) for fact in cited):
                continue  # flagged as an unsupported word
            states = {state for fact in (facts_on(name, cited) if name else cited) for state in fact.states}
            if any("probability" in fact.values and fact.finding == name for fact in facts):
                states = (states - {"not assessed"}) | {"assessed"}
            if not states & claim.states:
                yield _mismatch(claim, name, states)
    implicit = not {claim.group for claim in made} - {"vertical", "horizontal", "zone"}
    if implicit and not (is_of_map(clause.text) or figures(clause.text) or certainty(clause.text)):
        yield from _wrong_mentions(clause, cited, checks)


def _wrong_mentions(clause: Clause, cited: Sequence[Fact], checks: set[str]) -> Iterator[str]:
    """Findings that a clause without any claim presents as present, or as absent, against the cited facts."""
    answer = "absent" if NOT.search(clause.text.lower()) else "present"
    claim = Claim("answer", frozenset({answer}), "")
    for name in clause.names:
        if name not in checks and not any(_quoted(name, clause.text, fact) for fact in cited):
            states = {state for fact in facts_on(name, cited) for state in fact.states}
            if not states & claim.states:
                yield _mismatch(claim, name, states)


def is_about_map(claim: Claim, clause: Clause) -> bool:
    """Whether a verb such as "is seen" describes where a map is highest, not a finding."""
    if claim.group != "answer" or not claim.weak or not is_of_map(clause.text):
        return False
    return not any(0 <= start - claim.end < 12 for _, start in clause.subjects)


def _quoted(name: str, text: str, fact: Fact) -> bool:
    """Whether a fact on another subject has the name with the same word beside it."""
    if fact.finding:
        return False
    text_stems, fact_stems = ([stem(word) for word in words(sentence)] for sentence in (text, fact.text))
    pairs = {pair for pair in pairwise(fact_stems) if not set(pair) <= PLAIN_STEMS}
    name_stems = {stem(word) for word in words(name)}
    return any(pair in pairs and name_stems & set(pair) for pair in pairwise(text_stems))


def _wrong_of_all(
    claim: Claim, pool: re.Match[str], named: Sequence[str], facts: Sequence[Fact]
) -> Iterator[str]:
    """A claim on all, some or no findings or checks, counted over all facts."""
    checks = pool["what"].lower().startswith("check")
    some = [fact for fact in facts if (fact.check if checks else "probability" in fact.values)]
    if OTHERS.search(pool.group()):
        some = [fact for fact in some if (fact.check or fact.finding) not in named]
    true = sum(bool(set(fact.states) & claim.states) for fact in some)
    how = (pool["how"] or "").lower()
    majority = len(some) // 2 + 1
    least = {"some": 1, "several": 2, "few": 1, "most": majority, "many": majority}.get(how, len(some))
    if true < max(1, least):
        kind = "checks" if checks else "findings"
        yield f"That is true of {true} of {len(some)} {kind}: {' or '.join(sorted(claim.states))}."


def _mismatch(claim: Claim, name: str, states: set[str]) -> str:
    """What a sentence claims, and what the cited facts state instead."""
    stated = [state for state in GROUPS.get(claim.group, ()) if state in states]
    claimed = " or ".join(sorted(claim.states)) if "?" not in claim.states else claim.text
    about = f" about {name}" if name else ""
    if stated:
        return f"It claims “{claimed}”{about}; the cited facts state “{' '.join(stated)}”."
    return f"It claims “{claimed}”{about}; no cited fact states that."
