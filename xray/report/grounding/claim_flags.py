"""Flags for claims of a clause that the cited facts, or all facts together, do not support."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from xray.report.grounding.certainty import certainty
from xray.report.grounding.claim_states import allowed_states, states_of
from xray.report.grounding.claims import GROUPS, NOT, Claim, is_of_map
from xray.report.grounding.clauses import Clause, facts_on, mentions, on_findings, subjects, without_names
from xray.report.grounding.quantities import figures
from xray.report.grounding.vocabulary import PLAIN_STEMS, stem, words
from xray.report.types import Fact

POOL = re.compile(
    r"\b(?P<how>all|every|each|both|any|no|none|most|many|some|several|few|(?:the\s)?(?:other|remaining)|"
    r"rest)\b"
    r"(?:\s(?:of|the|its|these|those|other|remaining|assessed|reported|judged|\d+|"
    r"fifteen))*\s(?P<what>findings?|checks?|answers?)\b(?!\s(?:is\s|was\s)?called)",
    re.IGNORECASE,
)
NO_FINDINGS = re.compile(r"no\sfindings?", re.IGNORECASE)
PLURAL = re.compile(r"\b(?P<how>the|its)?\s?(?P<what>findings|checks)\b", re.IGNORECASE)
OUTCOME = re.compile(
    r"\b(?:show\w*|demonstrat\w*|confirm\w*|establish\w*|reveal\w*|found|finds?|indicat\w*)\s(?:that|how)\b",
    re.IGNORECASE,
)
OF_THE_FILM = ("gate", "diagnosis", "checking")  # groups of claims that are not about a finding
OF_A_MAP = re.compile(r"\bfor\s|\b(?:its|the)\s(?:heat)?map\b", re.IGNORECASE)
PLACED = re.compile(
    r"\s(?:is|was|lies|sits)(?:\s(?:located|situated|localized|seen|found|visible|present))?\s(?:in|at|near|"
    r"within)\b"
)
OTHERS = re.compile(r"\b(?:other|remaining|rest|else)\b", re.IGNORECASE)


def wrong_only(
    made: Sequence[Claim], named: Sequence[str], cited: Sequence[Fact], facts: Sequence[Fact]
) -> Iterator[str]:
    """Claims on "only" some findings that are true of others too: of the cited ones, if there are several."""
    if len(others := on_findings(cited)) > 1:
        facts = others
    for claim in made:
        if not named or claim.group not in ("side", "answer", "assessment") or claim.weak:
            continue
        for fact in on_findings(facts):
            if fact.finding not in named and {*fact.states, "assessed"} & claim.states:
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
    made = _claims_on_facts(clause, cited, checks)
    if pool and not made and not clause.names and NO_FINDINGS.fullmatch(pool.group()):
        made = [Claim("side", frozenset(("below",)), pool.group())]
    for claim in made:
        names = _names(claim, clause, checks)
        others = bool(pool and OTHERS.search(pool.group()))
        if pool and (others or not names) and claim.group in ("side", "answer", "verdict"):
            listed = on_findings(cited)
            if others and not named and listed:
                yield from _wrong_of_all(claim, pool, [], listed)
            else:
                text = " ".join(fact.text for fact in cited)
                yield from _wrong_of_all(
                    claim, pool, named or [name for name, _ in subjects(text, facts)], facts
                )
            continue
        for name in names or [""]:
            if name and not any(mentions(name).search(fact.text) for fact in cited):
                continue  # flagged as an unsupported word
            states = allowed_states(claim, name, clause.text, cited, facts)
            if not states & claim.states:
                yield _mismatch(claim, name, states)
    yield from _placed(clause, cited)
    if _presents_findings(clause, made):
        yield from _wrong_mentions(clause, cited, checks)


def _claims_on_facts(clause: Clause, cited: Sequence[Fact], checks: set[str]) -> list[Claim]:
    """The claims of a clause on findings, maps, checks and the film, without general statements."""
    made = [claim for claim in clause.claims if not is_about_map(claim, clause)]
    if not on_findings(cited):
        made = [claim for claim in made if clause.names or claim.group != "answer" or not claim.weak]
    if not clause.names and all(fact.section == "limits" for fact in cited):
        made = [claim for claim in made if claim.group not in ("verdict", "evidence")]
    if any("boxes" in fact.text for fact in cited if fact.kind == "model"):  # of the training films
        made = [claim for claim in made if claim.group != "boxes"]
    if OUTCOME.search(clause.text) and not any(claim.group == "verdict" for claim in made):
        made += [Claim("verdict", frozenset(("passed",)), "") for name in clause.names if name in checks]
    return made


def _names(claim: Claim, clause: Clause, checks: set[str]) -> list[str]:
    """The findings or checks that a claim is about; empty for the film or any."""
    if claim.group in OF_THE_FILM:
        return []
    before = [name for name, start in clause.subjects if start < claim.end]
    names = [name for name in clause.names if (name in checks) == (claim.group == "verdict")]
    if claim.group == "rank":  # "the most likely, ahead of others"
        return before[-1:] or names[:1]
    if "not assessed" in claim.states and "nothing" in clause.text.lower():  # "nothing but ..." follows
        return before
    return names


def _presents_findings(clause: Clause, made: Sequence[Claim]) -> bool:
    """Whether a clause without a claim presents the findings that it names as present or absent."""
    groups = {claim.group for claim in made}
    if "marked" in clause.text.lower() or (
        groups & {"vertical", "horizontal"} and OF_A_MAP.search(clause.text)
    ):
        return False
    stated = is_of_map(clause.text) or figures(clause.text) or certainty(clause.text)
    return not stated and not groups - {"vertical", "horizontal", "zone"}


def _placed(clause: Clause, cited: Sequence[Fact]) -> Iterator[str]:
    """Findings that a clause puts where only a map is known to be."""
    if not any(claim.group in ("vertical", "horizontal", "zone") for claim in clause.claims):
        return
    for name, start in clause.subjects:
        kinds = {fact.kind for fact in cited if fact.finding == name}
        if (
            "map" in kinds
            and not is_of_map(clause.text[:start])
            and PLACED.match(clause.text[start + len(name) :])
        ):
            yield f"A map shows where the model looked, not where {name} is."


def _wrong_mentions(clause: Clause, cited: Sequence[Fact], checks: set[str]) -> Iterator[str]:
    """Findings that a clause without any claim presents as present, or as absent, against the cited facts."""
    negated = NOT.search(without_names(clause.text, clause.names).lower())
    answer = "absent" if negated else "present"
    claim = Claim("answer", frozenset({answer}), "")
    for name in clause.names:
        if name not in checks and not any(_quoted(name, clause.text, fact) for fact in cited):
            states = {state for fact in facts_on(name, cited) for state in states_of(fact)}
            if not states & claim.states:
                yield _mismatch(claim, name, states)


def is_about_map(claim: Claim, clause: Clause) -> bool:
    """Whether a verb such as "is seen" describes where a map is highest, not a finding."""
    if claim.group != "answer" or not claim.weak or not is_of_map(clause.text):
        return False
    if any(other.group == "evidence" for other in clause.claims):
        return True
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
    some = [fact for fact in facts if fact.check] if checks else on_findings(facts)
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
