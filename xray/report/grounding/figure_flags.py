"""Flags for figures of a clause that the cited facts do not contain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from xray.report.grounding.clauses import Clause, facts_on, on_findings
from xray.report.grounding.quantities import AGAINST, POINT, Figure, figures
from xray.report.sentences import formatted
from xray.report.types import Fact

VERSUS = re.compile(rf"%{AGAINST.pattern}\d")
EACH = re.compile(r"\sfor\s[\w\s]+\sand\s")
FOR = re.compile(r"\s(?:for|of|in)\s(?:the\s)?")
AXES = {"left": "x", "right": "x", "top": "y", "bottom": "y"}  # roles in text of the sides of a box


def wrong_figures(clause: Clause, cited: Sequence[Fact]) -> Iterator[str]:
    """Figures that no cited fact on the same subject has, or has in another role."""
    found = figures(clause.text, [place for _, place in clause.subjects])
    groups: dict[str, list[Figure]] = {}
    for place, figure in enumerate(found):
        earlier = found[place - 1] if place else None
        if earlier and EACH.fullmatch(clause.text[earlier.end : figure.start]):
            figure = replace(figure, role=earlier.role)  # "6.0% for Mass and 31.5% for Pneumonia"
        if not _is_count(figure, clause, cited):
            groups.setdefault(_subject(clause, found, place), []).append(figure)
    for name, group in groups.items():
        on = facts_on(name, cited) if name else list(cited)
        on += [fact for fact in cited if name and not fact.finding and fact not in on]
        for place, figure in enumerate(group):
            if not any(_has(fact, figure, first=place == 0) for fact in on):
                written = clause.text[figure.start : figure.end].strip()
                role = f" as {figure.role}" if figure.role in ("probability", "operating point") else ""
                yield f"No cited fact contains {written}{role}{f' for {name}' if name else ''}."


def _subject(clause: Clause, found: Sequence[Figure], place: int) -> str:
    """The name that a figure belongs to: the one right after "for" or the last one before; empty for any."""
    text, names, figure = clause.text, clause.names, found[place]
    if (two := VERSUS.search(text)) and not POINT.search(text[two.end() :][:12]):
        return ""  # "95.2% against 84.7%", of two findings
    if after := FOR.match(text[figure.end :]):
        following = [name for name, start in clause.subjects if start == figure.end + after.end()]
        if following:
            return following[0]
    if "respectively" in text.lower() and len(names) == len(found):
        return names[place]
    before = [name for name, start in clause.subjects if start < figure.start]
    last = max((start for _, start in clause.subjects if start < figure.start), default=0)
    if re.search(r"\b(?:every|all|each)\b[^,;]*$", text[last : figure.start], re.IGNORECASE):
        return ""
    return (before[-1:] or names[:1] or [""])[0]


def _is_count(figure: Figure, clause: Clause, cited: Sequence[Fact]) -> bool:
    """Whether a whole number counts the findings that the facts name, or the remaining ones."""
    if figure.percent or figure.decimals:
        return False
    before = clause.text[: figure.start].lower()
    checks = len([fact for fact in cited if fact.check])
    if checks and re.match(r"\s(?:\w+\s)?checks?\b", clause.text[figure.end :]) and figure.value == checks:
        return True
    if re.search(r"\bthe\s(?:other|remaining|rest,)\s$", before):
        if figure.value == len(on_findings(cited)):
            return True
        counts = [fact for fact in cited if fact.kind == "findings above"]
        return any(figure.value == fact.figure("whole") - fact.figure("part") for fact in counts)
    if re.search(r"\b(?:the|these|those)\s$", before):
        named = {fact.finding for fact in cited if fact.kind in ("finding", "most likely")}
        lists = [fact.values["findings"] for fact in cited if fact.kind == "assessed findings"]
        return figure.value in (len(named), *(len(names) for names in lists if isinstance(names, tuple)))
    return False


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
