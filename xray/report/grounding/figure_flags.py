"""Flags for figures of a clause that the cited facts do not contain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xray.report.grounding.clauses import Clause, facts_on
from xray.report.grounding.quantities import Figure, figures
from xray.report.sentences import formatted
from xray.report.types import Fact

AXES = {"left": "x", "right": "x", "top": "y", "bottom": "y"}  # roles in text of the sides of a box


def wrong_figures(clause: Clause, cited: Sequence[Fact]) -> Iterator[str]:
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
        on = facts_on(name, cited) if name else list(cited)
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
