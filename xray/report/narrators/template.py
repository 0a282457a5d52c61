"""The template narrator: the facts in order, without a language model; equal Cases give equal text."""

from __future__ import annotations

from collections.abc import Iterator

from xray.report.grounding.clauses import mentions
from xray.report.narrators.registry import NarratorRequest, register
from xray.report.sentences import formatted
from xray.report.types import Fact, Sentence

FEW = 3  # findings below their operating points that get a sentence each


@register("template", title="Template", about="Works offline and lists the facts in order.")
def template(request: NarratorRequest) -> Iterator[Sentence]:
    """Write the sentence of every fact.

    More than FEW findings below their operating points that the prompt does not name share one sentence.
    """
    below = [fact for fact in request.facts if _is_below(fact) and not _is_named(fact, request.prompt)]
    together = below if len(below) > FEW else []
    for fact in request.facts:
        if fact not in together:
            yield Sentence(fact.text, fact.section, (fact.number,))
        elif fact is together[-1]:
            named = ", ".join(
                f"{fact.finding} {formatted('probability', fact.values['probability'])}" for fact in together
            )
            numbers = tuple(fact.number for fact in together)
            yield Sentence(f"Below their operating points: {named}.", "findings", numbers)


def _is_below(fact: Fact) -> bool:
    return "probability" in fact.values and "below" in fact.states


def _is_named(fact: Fact, prompt: str) -> bool:
    return bool(mentions(fact.finding).search(prompt))
