"""From a Case to a report: collect the facts, have a narrator write, and check every sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xray.errors import InvalidRequest, NarratorFailed
from xray.report.facts import facts
from xray.report.grounding import grounded
from xray.report.narrators.prompts import limited
from xray.report.narrators.registry import SENT, Access, Narrator, NarratorRequest, narrator
from xray.report.types import Report, Sentence
from xray.types import Case, Check


def _ignore(_sentence: Sentence) -> None:
    pass


def report(
    case: Case,
    name: str = "template",
    prompt: str = "",
    *,
    checks: Sequence[Check] = (),
    checked: str = "",
    access: Access | None = None,
    consent: bool = False,
    on_sentence: Callable[[Sentence], None] = _ignore,
) -> Report:
    """Write a report of a Case and check every sentence against the facts.

    If a remote narrator fails, the report is written by the template, and its `problem` gives the reason.

    Args:
        case: The Case.
        name: Name of the narrator.
        prompt: The user's prompt.
        checks: Checks of the map of the finding `checked`.
        checked: Finding whose map was checked; by default that of the answer.
        access: How a remote narrator is reached; by default as in the settings.
        consent: Whether the user agrees that a remote narrator receives what SENT lists.
        on_sentence: Called with each sentence once it is checked.

    Returns:
        The report.

    Raises:
        InvalidRequest: If the narrator is unknown, consent is missing, or the prompt is too long.
    """
    chosen, prompt = narrator(name), limited(prompt)
    access = access or (chosen.access() if chosen.access else Access())
    if chosen.remote and not consent:
        raise InvalidRequest(
            f"{chosen.title} was not used: nothing is sent without consent.",
            hint=f"It would send to {chosen.recipient(access)}: {SENT}.",
        )
    collected = facts(case, prompt, checks, checked)
    request = NarratorRequest(case, collected, prompt, access)
    try:
        sentences = _sentences(chosen, request, on_sentence)
    except NarratorFailed as error:
        sentences = _sentences(narrator("template"), request, _ignore)
        problem = f"{error} The template was used instead."
        return Report("template", prompt, collected, sentences, problem)
    title = f"{chosen.name} ({access.model})" if chosen.remote else chosen.name
    return Report(title, prompt, collected, sentences)


def _sentences(
    chosen: Narrator, request: NarratorRequest, on_sentence: Callable[[Sentence], None]
) -> tuple[Sentence, ...]:
    sentences = []
    for sentence in chosen.narrate(request):
        sentences.append(grounded(sentence, request.facts))
        on_sentence(sentences[-1])
    return tuple(sentences)
