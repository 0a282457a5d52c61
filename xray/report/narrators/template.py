"""The template narrator: a short report without a language model; equal Cases give equal text."""

from __future__ import annotations

from collections.abc import Iterator

from xray.report.narrators.registry import NarratorRequest, register
from xray.report.requested import names
from xray.report.sentences import formatted
from xray.report.types import Fact, Sentence

FEW = 3  # findings below their operating points that get a sentence each; names in a list
ALWAYS = frozenset(
    (
        "answer",
        "map verdict",
        "unchecked maps",
        "fallback",
        "refused film",
        "organ",
        "boxes",
        "no box",
        "requested finding",
        "assessed findings",
        "unknown context",
        "meaning of maps",
        "research",
    )
)
OF_FINDINGS = frozenset(("finding", "map", "map without evidence"))


@register("template", title="Template", about="Works offline and writes a short report.")
def template(request: NarratorRequest) -> Iterator[Sentence]:
    """Write the facts that a reader needs, the answer first.

    Of the findings, that of the answer and those that the prompt names are described.
    """
    model_findings = request.case.prediction.findings
    named = names(request.prompt, model_findings)
    described = {request.case.answer.finding, *named}
    below = [fact for fact in request.facts if _is_below(fact) and fact.finding in named]
    together = below if len(below) > FEW else []
    for fact in request.facts:
        if fact in together:
            if fact is together[-1]:
                yield _listed(together)
        elif fact.kind == "assessed findings" and len(model_findings) > FEW:
            yield Sentence("Nothing else was assessed.", fact.section, (fact.number,))
        elif _is_needed(fact) or (fact.kind in OF_FINDINGS and fact.finding in described):
            yield Sentence(fact.text, fact.section, (fact.number,))


def _is_needed(fact: Fact) -> bool:
    """Whether a report states a fact about the whole film; of the boxes, only the best is described."""
    return (
        fact.kind in ALWAYS
        or fact.values.get("box") == 1
        or (fact.kind == "film" and "simulated" in fact.values)
    )


def _listed(facts: list[Fact]) -> Sentence:
    values = ", ".join(
        f"{fact.finding} {formatted('probability', fact.values['probability'])}" for fact in facts
    )
    return Sentence(
        f"Below their operating points: {values}.", "findings", tuple(fact.number for fact in facts)
    )


def _is_below(fact: Fact) -> bool:
    return "probability" in fact.values and "below" in fact.states
