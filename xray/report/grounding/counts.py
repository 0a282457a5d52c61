"""Counts of findings on one side of their operating points or with one answer, counted over all facts."""

from __future__ import annotations

from collections.abc import Sequence

from xray.report.grounding.clauses import COUNT, Clause, on_findings
from xray.report.grounding.quantities import figures
from xray.report.types import Fact


def is_true_count(clause: Clause, cited: Sequence[Fact], facts: Sequence[Fact]) -> bool:
    """Whether a clause such as "12 of the 15 findings are below their operating points" is a correct count.

    Args:
        clause: A clause of a sentence.
        cited: The facts that the sentence cites; one of them must count the findings.
        facts: All facts.
    """
    found = [figure for figure in figures(clause.text) if not figure.percent]  # not the coverage
    if clause.subjects or len(found) != 2 or len(clause.claims) != 1 or not COUNT.search(clause.text):
        return False
    part, whole = (figure.value for figure in found)
    findings = on_findings(facts)
    true = sum(bool(set(fact.states) & clause.claims[0].states) for fact in findings)
    is_counted = part == len(on_findings(cited)) or any(
        fact.kind in ("findings above", "one finding above") for fact in cited
    )
    return is_counted and (part, whole) == (true, len(findings))
