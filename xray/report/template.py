"""The template: the facts in order, without a language model; the same Case gives the same text."""

from __future__ import annotations

from collections.abc import Iterator

from xray.report.draft import Fact, Sentence
from xray.report.grounding.wording import mentions
from xray.report.narrators import Asked, register

FEW = 3  # findings below their operating points that get a sentence each


@register("template", title="Template", about="Offline and always the same: the facts in order.")
def template(asked: Asked) -> Iterator[Sentence]:
    """Findings below their operating points share a sentence where they are many and none was asked for."""
    quiet = [fact for fact in asked.facts if _is_below(fact) and not _asked_for(fact, asked.prompt)]
    together = quiet if len(quiet) > FEW else []
    for fact in asked.facts:
        if fact not in together:
            yield Sentence(fact.text, fact.section, (fact.number,))
        elif fact is together[-1]:
            named = ", ".join(f"{one.finding} {one.values[0]}" for one in together)
            yield Sentence(
                f"Below their operating points: {named}.", "findings", tuple(one.number for one in together)
            )


def _is_below(fact: Fact) -> bool:
    return "probability" in fact.roles and "below" in fact.states


def _asked_for(fact: Fact, prompt: str) -> bool:
    return bool(mentions(fact.finding).search(prompt))
