"""The states that a claim about a finding, a check or the film may have, from the cited facts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from xray.report.grounding.claims import Claim, claims
from xray.report.grounding.clauses import facts_on, on_findings
from xray.report.types import Fact

IN_WORDS = {  # facts whose states are in their texts only
    "answer": {"above", "below", "cannot tell", "most likely"},
    "unchecked maps": {"unchecked"},
    "meaning of cannot tell": {"cannot tell"},
}
RANKS = {"second": 2, "third": 3, "fourth": 4, "fifth": 5}
THROUGHOUT = re.compile(
    r"\b(?:throughout|entirely|completely|wholly|intervals?\b.*\bstays?|(?:whole|entire)\sinterval)\b",
    re.IGNORECASE,
)
PARTLY = re.compile(
    r"\b(?:part(?:ly|ially)|intervals?\b.*\b(?:extends?|reach(?:es)?|up\sto|past)|(?:lower|upper)\s(?:end|"
    r"bound))\b",
    re.IGNORECASE,
)


def states_of(fact: Fact) -> set[str]:
    """The states that a sentence may claim with a fact."""
    states = set(fact.states)
    if fact.kind in IN_WORDS:
        states |= {state for claim in claims(fact.text) for state in claim.states} & IN_WORDS[fact.kind]
    if fact.kind in ("map verdict", "check", "checks"):
        states |= {"checked"} | ({"unchecked"} if "cannot be judged" in states else set())
    return states


def allowed_states(
    claim: Claim, name: str, text: str, cited: Sequence[Fact], facts: Sequence[Fact]
) -> set[str]:
    """Return the states that a claim on a subject may have.

    Args:
        claim: The claim.
        name: Finding or check that it is about; empty for any.
        text: Text of its clause.
        cited: The facts that the sentence cites.
        facts: All facts.
    """
    on = facts_on(name, cited) if name else cited
    partly = bool(PARTLY.search(text))
    if claim.group == "side" and (partly or THROUGHOUT.search(text)):
        ends = re.findall(r"(lower|upper)\s(?:end|bound)", text[: claim.end], re.IGNORECASE)
        return _sides_of_interval(on, ends[-1].lower() if ends else "", partly=partly)
    states = {state for fact in on for state in states_of(fact)}
    if claim.group == "rank" and name and _is_rank(claim, name, facts):
        return states | claim.states
    if any(fact.finding == name for fact in on_findings(facts)):
        states = (states - {"not assessed"}) | {"assessed"}
    return states


def _sides_of_interval(on: Sequence[Fact], end: str, *, partly: bool) -> set[str]:
    """The sides of the operating point on which the interval or one end lies, partly or as a whole."""
    for fact in on:
        if fact.interval:
            ends = {"lower": fact.interval[:1], "upper": fact.interval[1:]}.get(end, fact.interval)
            point = fact.figure("operating point")
            sides = {"above" if bound >= point else "below" for bound in ends}
            return sides if partly or len(sides) == 1 else set()
    return set()


def _is_rank(claim: Claim, name: str, facts: Sequence[Fact]) -> bool:
    """Whether a finding has the rank by probability that an ordinal or "least" gives it."""
    found = {fact.finding: fact.figure("probability") for fact in on_findings(facts)}
    higher = sum(value > found.get(name, 0.0) for value in found.values())
    if re.match("least|lowest", claim.text):
        return found.get(name) == min(found.values())
    return any(word in claim.text and higher + 1 == rank for word, rank in RANKS.items())
