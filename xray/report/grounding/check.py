"""Check of a sentence against the facts that it cites; each unsupported part gets a flag, itself a sentence.

A sentence is split into clauses by the findings and checks that it names. A clause may contain only figures,
regions, answers and certainty that a cited fact on the same subject contains, and only plain words or words
of the cited facts. Additions of a language model are thus flagged without a list of possible errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from xray.report.grounding.claims import GROUPS, NOT, Claim, certainty, is_of_map, names_patient_side
from xray.report.grounding.clauses import Clause, clauses, mentions, subjects
from xray.report.grounding.quantities import Figure, figures
from xray.report.grounding.vocabulary import PLAIN_STEMS, changed_negations, stem, unsupported_words, words
from xray.report.sentences import formatted, percent
from xray.report.types import Fact, Sentence

CITED = re.compile(r"\s*[\[(](?:facts?\s*)?(\d+(?:\s*,\s*\d+)*)[\])](?=[\s.,;:]|$)", re.IGNORECASE)
POOL = re.compile(
    r"\b(?P<how>all|every|each|both|any|no|none|most|many|some|several|few|(?:the\s)?(?:other|remaining)|rest)\b"
    r"(?:\s(?:of|the|its|these|those|other|remaining|assessed|reported))*\s(?P<what>findings?|checks?|answers?)\b",
    re.IGNORECASE,
)
PLURAL = re.compile(r"\b(?P<how>the|its)?\s?(?P<what>findings|checks)\b", re.IGNORECASE)
OTHERS = re.compile(r"\b(?:other|remaining|rest|else)\b", re.IGNORECASE)
ADVICE = re.compile(
    r"\b(?:treat\w*|therap\w*|recommend\w*|advi[sc]e\w*|prescri\w*|should|must|antibiotic\w*|biops\w*|surger\w*|"
    r"suffer\w*|patient\s(?:has|had)|follow-up|urgent\w*|refer\w*|hospital\w*)\b",
    re.IGNORECASE,
)
COMPARES = re.compile(
    r"\b(?:more|less|higher|lower|greater|smaller|larger|better|worse)\b[\w\s]{0,24}?\bthan\b", re.I
)
AXES = {
    "left": "x",
    "right": "x",
    "top": "y",
    "bottom": "y",
}  # roles in text of the sides of a box


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
    sounding = certainty(text)
    unknown = unsupported_words(text, allowed)
    if unknown := [word for word in unknown if not (sounding and word in sounding[0])]:
        yield f"No cited fact mentions {', '.join(unknown)}."
    if is_quote:
        return
    parts = list(clauses(text, facts))
    named = [name for name, _ in subjects(text, facts)]
    if re.search(r"\bonly\b(?!\s\d)", text, re.I) and not re.search(r"\bonly\b", allowed, re.I):
        yield from _wrong_only([claim for clause in parts for claim in clause.claims], named, facts)
    for clause in parts:
        yield from _wrong_figures(clause, cited)
        yield from _wrong_claims(clause, cited, facts, named)
        yield from _too_certain(clause, cited)
    claimed = [claim for clause in parts for claim in clause.claims if not _is_about_map(claim, clause)]
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


def _facts_on(name: str, cited: Iterable[Fact]) -> list[Fact]:
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


def _wrong_figures(clause: Clause, cited: Sequence[Fact]) -> Iterator[str]:
    """Figures that no cited fact on the same subject has, or has in another role."""
    found = figures(clause.text, [place for _, place in clause.subjects])
    groups: dict[str, list[Figure]] = {}
    names = clause.names
    for place, figure in enumerate(found):
        before = [name for name, start in clause.subjects if start < figure.start]
        name = before[-1] if before else (names[0] if names else "")
        if "respectively" in clause.text.lower() and len(names) == len(found):
            name = names[place]
        groups.setdefault(name, []).append(figure)
    for name, group in groups.items():
        on = _facts_on(name, cited) if name else list(cited)
        on += [fact for fact in cited if name and not fact.finding and fact not in on]
        for place, figure in enumerate(group):
            if not any(_has(fact, figure, first=place == 0) for fact in on):
                written = clause.text[figure.start : figure.end].strip()
                role = f" as {figure.role}" if figure.role in ("probability", "operating point") else ""
                yield f"No cited fact contains {written}{role}{f' for {name}' if name else ''}."


def _has(fact: Fact, figure: Figure, *, first: bool) -> bool:
    """Whether a fact has a figure in its role; a first percentage without a role is the probability."""
    role = figure.role
    if not role and first and figure.percent and "probability" in fact.values:
        role = "probability"
    values = list(_figures_of(fact))
    wanted = {"interval": {"low", "high"}}.get(role, {role})
    bound = any(name in wanted for name, _ in values)
    return any(figure.is_rounded(value) and (not bound or name in wanted) for name, value in values)


def _figures_of(fact: Fact) -> Iterator[tuple[str, Figure]]:
    """Every figure of a fact with its role; text values, such as the reason of a check, may quote several."""
    for role, value in fact.values.items():
        for figure in figures(formatted(role, value)):
            yield (figure.role if isinstance(value, str) else AXES.get(role, role)), figure


def _wrong_only(made: Sequence[Claim], named: Sequence[str], facts: Sequence[Fact]) -> Iterator[str]:
    """Claims on "only" some findings that are true of others too; any other "only" is unsupported."""
    made = [claim for claim in made if claim.group in ("side", "answer")]
    if not made or not named:
        yield "No cited fact mentions only."
    for claim in made:
        for fact in facts:
            if "probability" in fact.values and fact.finding not in named and set(fact.states) & claim.states:
                yield f"That is true of {fact.finding} too."


def _wrong_claims(
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
    made = [claim for claim in clause.claims if not _is_about_map(claim, clause)]
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
            states = {state for fact in (_facts_on(name, cited) if name else cited) for state in fact.states}
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
            states = {state for fact in _facts_on(name, cited) for state in fact.states}
            if not states & claim.states:
                yield _mismatch(claim, name, states)


def _is_about_map(claim: Claim, clause: Clause) -> bool:
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


def _too_certain(clause: Clause, cited: Sequence[Fact]) -> Iterator[str]:
    sounding = certainty(clause.text)
    if sounding is None:
        return
    word, (low, high) = sounding
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
                    f"{percent(bounds[0])} to {percent(bounds[1])}."
                )
        if not intervals:
            yield f"“{word}” is not supported by a cited interval."
