"""Figures in a text: value, number of decimals, and role."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

UNITS = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred"]
NUMERALS = {word: value for value, word in enumerate(UNITS)} | {
    word: 10 * value for value, word in enumerate(TENS, 2)
}
PERCENT = r"\s?(?:%|percent\b|per\s?cent\b)"
FIGURE = re.compile(
    rf"(?<![\w.])(?P<sign>(?:(?<=\s)|(?<=\()|^)[+\-−])?(?P<digits>\d+(?:\.\d+)?)(?P<percent>{PERCENT})?"
    r"(?=px|mm|[^\w]|_|$)|(?<=\bx)(?P<x>\d+)|(?<=\by)(?P<y>\d+)"
)
KINDS = r"(?:box(?:es)?|findings?|checks?)"
ONE = rf"{KINDS}|percent|of\s(?:the\s)?(?:\w+\s){{0,2}}{KINDS}"
SPELLED = re.compile(
    rf"\b(?P<tens>{'|'.join(TENS)})(?:[- ](?P<unit>{'|'.join(UNITS[1:10])}))?\b(?P<p1>{PERCENT})?"
    rf"|\b(?P<small>{'|'.join(UNITS[:1] + UNITS[2:])}|one(?=\s(?:{ONE})))\b(?P<p2>{PERCENT})?",
    re.IGNORECASE,
)
RANGE = re.compile(r"\s*(?:to|and|through|[-–—])\s*$")
OF = re.compile(r"\s(?:out\s)?of\s(?:(?:the|its|these|those|all)\s)?")
AGAINST = re.compile(r"\s(?:against|versus|vs\.?)\s(?:an?\s|the\s)?")
AXIS = re.compile(r"\b(?P<axis>[xy])\s?=?\s?(?:from\s|between\s)?$")
MOVED = re.compile(r"\b(?:lower|drop|fall|bring|reduce|decrease|move|shift|raise|rise)s?\b[^.;,]*\bto\s$")
PASSED = re.compile(r"\s(?:\w+\s){0,3}passed\b")
ROLES = {
    "operating point": r"operating points?|thresholds?|cut-?offs?|above|below|under|over|exceed\w*|against|"
    r"versus|vs",
    "probability": r"probabilit\w+|likelihood|chance|around",
    "interval": r"intervals?|between|rang\w+|(?:lower|upper)\s(?:end|bound)",
    "coverage": r"coverage",
    "score": r"scores?",
    "box": r"box(?:es)?",
    "random": r"random",
    "centered": r"centered|gaussian|middle",
    "x": r"x",
    "y": r"y",
}
CUES = re.compile("|".join(rf"(?P<{role.replace(' ', '_')}>\b(?:{cue})\b)" for role, cue in ROLES.items()))
FOLLOWING = ("probability", "coverage", "score", "box", "random", "centered")
POINT = re.compile(r"operating points?|thresholds?|cut-?offs?")  # after a figure, "above" is no role of it
NEXT = re.compile(
    r"^\s*(?:(?:of|for|with|in)\s(?:an?\s)?(?=random|centered|gaussian))?(?P<cue>[a-z-]+(?:\s[a-z]+)?)"
)


@dataclass(frozen=True)
class Figure:
    """A figure in a text.

    Attributes:
        value: Number; in percent if `percent` is set.
        decimals: Decimals as written.
        percent: Whether it is a percentage.
        start: Start in the text.
        end: End in the text.
        role: Role that the text gives it, or empty. A range has `low` and `high`; "2 of 15" has `part` and
            `whole`.
    """

    value: float
    decimals: int
    percent: bool
    start: int
    end: int
    role: str = ""

    def is_rounded(self, exact: Figure) -> bool:
        """Whether this figure equals another one or is rounded from it, but not to 0 or 100 percent."""
        value, decimals = exact.value, exact.decimals
        if self.percent != exact.percent:
            fraction = self if exact.percent else exact
            if not 0 <= fraction.value <= 1:
                return False
            value, decimals = (
                (value / 100, decimals + 2) if exact.percent else (value * 100, max(0, decimals - 2))
            )
        if self.decimals > decimals:
            return abs(self.value - value) < 1e-9
        whole = 100.0 if self.percent else 1.0
        ends = self.value in (0.0, whole) and (self.percent or exact.percent)
        return abs(self.value - value) <= (1e-9 if ends else 0.5 * 10**-self.decimals + 1e-9)


def figures(text: str, subjects: Sequence[int] = ()) -> list[Figure]:
    """Find all figures of a text.

    Args:
        text: A sentence or clause.
        subjects: Starts of the names of findings and checks. Words before a name are about something else,
            unless they end in "of" or "for".

    Returns:
        Figures in order, in digits or words, with their roles.
    """
    text = text.lower()
    breaks = [
        place for place in subjects if not re.search(r"\b(?:of|for)\s(?:the\s|\w+ing\s)?$", text[:place])
    ]
    breaks += [match.end() for match in re.finditer(r"[:;](?=\s)|\beach\b|, at\b", text)]
    found = sorted([*_in_digits(text), *_spelled(text)], key=lambda figure: figure.start)
    result = []
    for place, figure in enumerate(found):
        before = found[place - 1] if place else None
        after = found[place + 1] if place + 1 < len(found) else None
        joined = before is not None and _is_range(text, before, figure)
        joins = after is not None and _is_range(text, figure, after)
        role = "high" if joined else "low" if joins else _role(text, figure, before, breaks)
        first = before if before and joined else figure
        if (joins or joined) and (axis := AXIS.search(text[: first.start])):
            role = axis["axis"]
        if role in ("", "operating point") and figure.percent and MOVED.search(text[: figure.start]):
            role = "interval"  # "small changes lower it to 4.4%"
        if not role and not figure.percent and PASSED.match(text[figure.end :]):
            role = "part"
        if role == "operating point" and before and not POINT.search(text[figure.end :][:30]):
            role = "" if AGAINST.fullmatch(text[before.end : figure.start]) else role  # of another finding
        if after and AGAINST.fullmatch(text[figure.end : after.start]):
            role = "probability"
        if after and OF.fullmatch(text[figure.end : after.start]):
            role = "part"
        if before and OF.fullmatch(text[before.end : figure.start]):
            role = "whole"
        percent = figure.percent or bool(joins and after and after.percent)
        result.append(Figure(figure.value, figure.decimals, percent, figure.start, figure.end, role))
    return result


def _in_digits(text: str) -> list[Figure]:
    found = []
    for match in FIGURE.finditer(text):
        digits = match["digits"] or match["x"] or match["y"]
        value = float(digits) * (-1 if match["sign"] in ("-", "−") else 1)
        decimals = len(digits.partition(".")[2])
        found.append(Figure(value, decimals, bool(match["percent"]), match.start(), match.end()))
    return found


def _spelled(text: str) -> list[Figure]:
    found = []
    for match in SPELLED.finditer(text):
        value = NUMERALS[match["tens"] or match["small"]] + NUMERALS.get(match["unit"] or "zero", 0)
        found.append(Figure(float(value), 0, bool(match["p1"] or match["p2"]), match.start(), match.end()))
    return found


def _is_range(text: str, first: Figure, second: Figure) -> bool:
    """Whether two figures are the ends of a range: "5% to 7%", "between 5 and 7%"."""
    joint = RANGE.fullmatch(text[first.end : second.start])
    if not joint:
        return False
    has_and = "and" in text[first.end : second.start]
    return "between" in text[max(0, first.start - 24) : first.start] if has_and else True


def _role(text: str, figure: Figure, before: Figure | None, breaks: list[int]) -> str:
    """Role given by the words right after a figure, or else by the nearest words before it."""
    after = NEXT.match(text[figure.end :])
    if after and POINT.match(after["cue"]):
        return "operating point"
    if after and (cue := CUES.match(after["cue"])) and cue.lastgroup in FOLLOWING:
        return _named(cue)
    start = max([before.end if before else 0, *(place for place in breaks if place <= figure.start)])
    cues = list(CUES.finditer(text[start : figure.start]))
    return _named(cues[-1]) if cues else ""


def _named(cue: re.Match[str]) -> str:
    return (cue.lastgroup or "").replace("_", " ")
