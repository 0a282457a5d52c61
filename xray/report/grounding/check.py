"""Whether a sentence says what the facts it cites say. What does not hold becomes a flag, itself a sentence.

A sentence is taken apart at what it speaks of (findings, checks). Each part may hold only figures, places,
answers and certainty that a cited fact on the same subject holds, and only words that are plain or a cited
fact's own: what a language model adds is flagged without having to be foreseen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from xray.report.draft import Fact, Sentence
from xray.report.grounding.claims import GROUPS, NOT, Claim, certainty, is_of_map, names_patient_side
from xray.report.grounding.clauses import Part, parts, subjects
from xray.report.grounding.denials import turned_around
from xray.report.grounding.quantities import Figure, figures
from xray.report.grounding.vocabulary import PLAIN_STEMS, stem, strange, words
from xray.report.grounding.wording import mentions, percent

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


def grounded(sentence: Sentence, facts: Sequence[Fact]) -> Sentence:
    """The sentence with a flag for everything in it that its facts do not say."""
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
    said = _without_names(text, cited)
    if names_patient_side(said) and not any(_same(text, fact.text) for fact in cited):
        yield "It names a side of the patient; the facts know sides of the image only."
    if (found := ADVICE.search(text)) and not re.search(rf"\b{re.escape(found.group())}\b", allowed, re.I):
        yield "It gives advice or makes a diagnosis; the model does neither."
    if (
        (found := COMPARES.search(said))
        and not _about_point(said, found)
        and found.group().lower() not in allowed.lower()
    ):
        yield "It compares what no cited fact compares."
    sounding = certainty(text)
    if unknown := [word for word in strange(text, allowed) if not (sounding and word in sounding[0])]:
        yield f"No cited fact speaks of {', '.join(unknown)}."
    if any(_same(text, fact.text) for fact in cited):
        return
    pieces = list(parts(text, facts))
    named = [name for name, _ in subjects(text, facts)]
    if re.search(r"\bonly\b(?!\s\d)", text, re.I) and not re.search(r"\bonly\b", allowed, re.I):
        yield from _wrong_alone([claim for part in pieces for claim in part.claims], named, facts)
    for part in pieces:
        yield from _wrong_figures(part, cited)
        yield from _wrong_claims(part, cited, facts, named)
        yield from _too_certain(part, cited)
    claimed = [claim for part in pieces for claim in part.claims if not _is_idle(claim, part)]
    if not claimed and not any(certainty(part.text) for part in pieces):
        yield from turned_around(text, allowed)


def _same(text: str, fact: str) -> bool:
    return " ".join(text.split()).rstrip(".").lower() == " ".join(fact.split()).rstrip(".").lower()


def _without_names(text: str, cited: Iterable[Fact]) -> str:
    """The text without the names of findings: a name may hold a side or a number."""
    for name in {fact.finding for fact in cited if fact.finding}:
        text = mentions(name).sub(lambda match: "·" * len(match.group()), text)
    return text


def _about_point(text: str, found: re.Match[str]) -> bool:
    return bool(
        re.match(r"\s(?:[\w.%]+\s){0,4}(?:operating\spoint|threshold|cut-?off)", text[found.end() :], re.I)
    )


def _on(name: str, cited: Iterable[Fact]) -> list[Fact]:
    """The cited facts on a finding or a check, and those that list it among others."""
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


def _wrong_figures(part: Part, cited: Sequence[Fact]) -> Iterator[str]:
    """Figures that no cited fact on what they are said of holds, or holds as something else."""
    found = figures(part.text, [place for _, place in part.subjects])
    groups: dict[str, list[Figure]] = {}
    names = part.named
    for place, figure in enumerate(found):
        before = [name for name, start in part.subjects if start < figure.start]
        name = before[-1] if before else (names[0] if names else "")
        if "respectively" in part.text.lower() and len(names) == len(found):
            name = names[place]
        groups.setdefault(name, []).append(figure)
    for name, own in groups.items():
        on = _on(name, cited) if name else list(cited)
        on += [fact for fact in cited if name and not fact.finding and fact not in on]
        for place, figure in enumerate(own):
            if not any(_holds(fact, figure, first=place == 0) for fact in on):
                written = part.text[figure.start : figure.end].strip()
                role = f" as {figure.role}" if figure.role in ("probability", "operating point") else ""
                yield f"No cited fact holds {written}{role}{f' for {name}' if name else ''}."


def _holds(fact: Fact, figure: Figure, *, first: bool) -> bool:
    """Whether a fact holds a figure in its role; a first percentage without one counts as the probability."""
    role = figure.role
    if not role and first and figure.percent and "probability" in fact.roles:
        role = "probability"
    if fact.roles:
        held = [(one, figures(value)[0]) for one, value in zip(fact.roles, fact.values, strict=True)]
    else:
        held = [(one.role, one) for one in figures(fact.text)]
    roles = {name for name, _ in held}
    wanted = {"interval": {"low", "high"}}.get(role, {role})
    bound = bool(wanted & roles)
    return any(figure.is_rounded(value) and (not bound or name in wanted) for name, value in held)


def _wrong_alone(made: Sequence[Claim], named: Sequence[str], facts: Sequence[Fact]) -> Iterator[str]:
    """What is said only of some findings and holds for others too; what else "only" says is in no fact."""
    made = [claim for claim in made if claim.group in ("side", "answer")]
    if not made or not named:
        yield "No cited fact speaks of only."
    for claim in made:
        for fact in facts:
            if "probability" in fact.roles and fact.finding not in named and set(fact.states) & claim.states:
                yield f"That holds for {fact.finding} too."


def _wrong_claims(
    part: Part, cited: Sequence[Fact], facts: Sequence[Fact], named: Sequence[str]
) -> Iterator[str]:
    """named: what the whole sentence names, or else its facts: what "other findings" leaves out."""
    pool = POOL.search(part.text)
    if not pool and not part.subjects and not figures(part.text):
        pool = PLURAL.search(part.text)
    checks = {fact.check for fact in facts if fact.check}
    made = [claim for claim in part.claims if not _is_idle(claim, part)]
    for claim in made:
        names = [name for name in part.named if (name in checks) == (claim.group == "verdict")]
        if (
            claim.group in ("side", "answer", "verdict")
            and pool
            and (not names or OTHERS.search(pool.group()))
        ):
            left_out = named or [name for name, _ in subjects(" ".join(fact.text for fact in cited), facts)]
            yield from _wrong_of_all(claim, pool, left_out, facts)
            continue
        for name in names or [""]:
            if name and not any(mentions(name).search(fact.text) for fact in cited):
                continue  # told already
            on = _on(name, cited) if name else cited
            states = {state for fact in on for state in fact.states}
            if any("probability" in fact.roles and fact.finding == name for fact in facts):
                states = (states - {"not assessed"}) | {"assessed"}
            if not states & claim.states:
                yield _told(claim, name, states)
    silent = not {claim.group for claim in made} - {"vertical", "horizontal"}
    if silent and not is_of_map(part.text) and not figures(part.text) and certainty(part.text) is None:
        denied = bool(NOT.search(part.text.lower()))
        claim = Claim("answer", frozenset({"absent" if denied else "present"}), "")
        for name in part.named:
            on = _on(name, cited)
            if name not in checks and not any(_quoted(name, part.text, fact) for fact in cited):
                states = {state for fact in on for state in fact.states}
                if not states & claim.states:
                    yield _told(claim, name, states)


def _is_idle(claim: Claim, part: Part) -> bool:
    """A verb such as "is seen" that says where a map is highest, and nothing of a finding."""
    if claim.group != "answer" or not claim.weak or not is_of_map(part.text):
        return False
    return not any(0 <= start - claim.end < 12 for _, start in part.subjects)


def _quoted(name: str, text: str, fact: Fact) -> bool:
    """Whether a name stands in a fact on something else with the same word beside it."""
    if fact.finding:
        return False
    said, told = ([stem(word) for word in words(one)] for one in (text, fact.text))
    pairs = {pair for pair in pairwise(told) if not set(pair) <= PLAIN_STEMS}
    own = {stem(word) for word in words(name)}
    return any(pair in pairs and own & set(pair) for pair in pairwise(said))


def _wrong_of_all(
    claim: Claim, pool: re.Match[str], named: Sequence[str], facts: Sequence[Fact]
) -> Iterator[str]:
    """A claim on all, some or no findings or checks, counted over all facts."""
    checks = pool["what"].lower().startswith("check")
    some = [fact for fact in facts if (fact.check if checks else "probability" in fact.roles)]
    if OTHERS.search(pool.group()):
        some = [fact for fact in some if (fact.check or fact.finding) not in named]
    true = sum(bool(set(fact.states) & claim.states) for fact in some)
    how = (pool["how"] or "").lower()
    least = {"some": 1, "several": 2, "few": 1, "most": len(some) // 2 + 1, "many": len(some) // 2 + 1}.get(
        how, len(some)
    )
    if true < max(1, least):
        kind = "checks" if checks else "findings"
        yield f"That holds for {true} of {len(some)} {kind}: {' or '.join(sorted(claim.states))}."


def _told(claim: Claim, name: str, states: set[str]) -> str:
    """What the facts say in place of what a sentence claims."""
    own = [state for state in GROUPS.get(claim.group, ()) if state in states]
    of = f" of {name}" if name else ""
    said = " or ".join(sorted(claim.states)) if "?" not in claim.states else claim.text
    if own:
        return f"It says {said}{of}; the cited facts say {' '.join(own)}."
    return f"It says {said}{of}; no cited fact says so."


def _too_certain(part: Part, cited: Sequence[Fact]) -> Iterator[str]:
    sounding = certainty(part.text)
    if sounding is None:
        return
    word, (low, high) = sounding
    for name in part.named or [""]:
        known = [fact for fact in cited if fact.interval and (not name or fact.finding == name)]
        for fact in known:
            bounds = fact.interval or (0.0, 1.0)
            if not low <= bounds[0] <= bounds[1] <= high:
                yield (
                    f"“{word}” is more than the interval of {fact.finding} allows: "
                    f"{percent(bounds[0])} to {percent(bounds[1])}."
                )
        if not known:
            yield f"“{word}” stands on no cited interval."
