"""Comparisons of a sentence, such as "more likely than", computed from the figures of the cited facts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from xray.report.grounding.clauses import on_findings, subjects
from xray.report.grounding.quantities import POINT, Figure, figures
from xray.report.grounding.vocabulary import FUNCTION_STEMS, stem, words
from xray.report.types import Fact

MORE = "more|higher|greater|larger|stronger|wider|broader"
LESS = "less|lower|smaller|weaker|narrower|fewer"
OTHER = "better|worse"
COMPARES = re.compile(
    rf"\b(?:(?P<more>{MORE})|(?P<less>{LESS})|{OTHER})\b(?:[\w\s]{{0,40}}?\b(?P<than>than)\b|"
    r"\s(?:likely|probable)\b(?=.*\b(?:of\sthe\stwo|finding|against|versus)\b))",
    re.IGNORECASE,
)
BEFORE_POINT = re.compile(rf"\s(?:[\w.%]+\s){{0,4}}(?:{POINT.pattern})", re.IGNORECASE)
SIDE = re.compile(  # two percentages that a sentence compares, but not the ends of an interval
    r"(?<!to )(?<![\d.])(\d+(?:\.\d+)?)%(?!\))[^.;%]{0,40}?\b(above|over|below|under)\b"
    r"[^.;%\d]{0,30}?(?:point|threshold|cut-?off)\sof\s(\d+(?:\.\d+)?)%",
    re.IGNORECASE,
)
WIDTH = re.compile(r"\b(?:intervals?|wider|narrower|broader)\b", re.IGNORECASE)


def compared(text: str, cited: Sequence[Fact], facts: Sequence[Fact]) -> bool | None:
    """Whether the comparison of a text is true of the cited facts; None if there is none.

    A comparison with an operating point counts as none: it is a claim on the side of the operating point. A
    comparison whose two sides are not found in the cited facts is not true.

    Args:
        text: A sentence.
        cited: The facts that it cites.
        facts: All facts.
    """
    if any((float(low) >= float(high)) != (side[0] in "ao") for low, side, high in SIDE.findall(text)):
        return False
    found = COMPARES.search(text)
    if not found or BEFORE_POINT.match(text[found.end() :]):
        return None
    if not (found["more"] or found["less"]):
        return False
    written = figures(text)
    sides = (
        _of_findings(text, found, cited, facts)
        or _of_figures(written, found)
        or _of_a_check(text, found, cited)
    )
    if not sides:
        return False
    step = [figure for figure in written if text[figure.end : found.start()] == " "]
    if step and abs(step[0].value - abs(sides[0] - sides[1])) > 0.5 * 10 ** -step[0].decimals:
        return False  # "0.31 more than"
    return sides[0] > sides[1] if found["more"] else sides[0] < sides[1]


def _of_findings(
    text: str, found: re.Match[str], cited: Sequence[Fact], facts: Sequence[Fact]
) -> tuple[float, float] | None:
    """Probabilities, or widths of intervals, of the two findings that a sentence compares."""
    known = {fact.finding: fact for fact in on_findings(facts)}
    named = [fact.finding for fact in on_findings(cited)]
    places = [(name, start) for name, start in subjects(text, facts) if name in known]
    before = [name for name, start in places if start < found.start()]
    after = [name for name, start in places if start > found.end()]
    if after and not before and re.search(r"\bboth\b", text[: found.start()], re.IGNORECASE):
        values = [_value(known[name], of_interval=False) for name in named if name != after[0]]
        if values:  # the one that is nearest to the other side
            return (min if found["more"] else max)(values), _value(known[after[0]], of_interval=False)
    if found["than"]:
        names = [*before[:1], *after[:1]]
    else:  # "the more likely finding is", of two
        names = list(dict.fromkeys([*before[-1:], *after, *before, *named]))
    if len(names) != 2 or names[0] == names[1]:
        return None
    first, second = (_value(known[name], of_interval=bool(WIDTH.search(text))) for name in names)
    return first, second


def _value(fact: Fact, *, of_interval: bool) -> float:
    low, high = fact.interval or (0.0, 0.0)
    return high - low if of_interval else fact.figure("probability")


def _of_figures(written: Sequence[Figure], found: re.Match[str]) -> tuple[float, float] | None:
    """The last figure before a comparison and the first one after it."""
    before = [figure.value for figure in written if figure.end <= found.start()]
    after = [figure.value for figure in written if figure.start >= found.end()]
    return (before[-1], after[0]) if before and after else None


def _of_a_check(text: str, found: re.Match[str], cited: Sequence[Fact]) -> tuple[float, float] | None:
    """The figure of a map and that of what a check compares it with, from the reason of the check."""
    before, after = (_stems(part) for part in (text[: found.start()], text[found.end() :]))
    for reason in (str(fact.values["reason"]) for fact in cited if fact.check):
        written = figures(reason)
        ends = [0, *(figure.end for figure in written)]
        phrases = [_stems(reason[start : figure.end]) for start, figure in zip(ends, written, strict=False)]
        if len(written) < 2:
            continue
        first, second = (_best(part, phrases) for part in (before, after))
        if first != second:
            return written[first].value, written[second].value
    return None


def _best(part: set[str], phrases: Sequence[set[str]]) -> int:
    """The phrase that a part of a sentence names by words of its own; the first one if none."""
    own = [len(part & (phrase - phrases[0])) for phrase in phrases]
    return own.index(max(own))


def _stems(text: str) -> set[str]:
    return {stem(word) for word in words(text)} - FUNCTION_STEMS
