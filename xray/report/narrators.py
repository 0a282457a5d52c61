"""The narrators by name, and report: a Case in, a report whose every sentence was checked out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xray.errors import InvalidRequest, NarratorFailed
from xray.registry import Registry
from xray.report.facts import facts
from xray.report.grounding import grounded
from xray.report.prompts import limited
from xray.report.types import Fact, Report, Sentence
from xray.types import Case, Check


@dataclass(frozen=True)
class Access:
    """How a remote narrator is reached. key: never shown. url: empty for the provider's own. project,
    location, credentials: of Vertex AI. timeout: seconds for the whole answer. pause: seconds before the
    second attempt, doubled before every further one.
    """

    model: str = ""
    url: str = ""
    key: str = field(default="", repr=False)
    project: str = ""
    location: str = "global"
    credentials: Path | None = None
    timeout: float = 60.0
    attempts: int = 3
    pause: float = 1.0


@dataclass(frozen=True, eq=False)
class Asked:
    """What a narrator may use: of the Case a remote one sends the picture only."""

    case: Case
    facts: tuple[Fact, ...]
    prompt: str
    access: Access


Narrate = Callable[[Asked], Iterator[Sentence]]
Tell = Callable[[Sentence], None]


@dataclass(frozen=True, eq=False)
class Narrator:
    """narrate: sentences as they are written; raises NarratorFailed. access: from the settings; none of a
    narrator that asks nobody. place: who gets what is sent.
    """

    name: str
    title: str
    about: str
    narrate: Narrate
    access: Callable[[], Access] | None = None
    place: Callable[[Access], str] = lambda _access: ""

    @property
    def remote(self) -> bool:
        return self.access is not None


NARRATORS = Registry[Narrator]("narrator", order=("template", "gemini", "openai-compatible"))
SENT = "the picture (re-encoded, without its name and metadata), the facts, the prompt, fixed instructions"


def register(
    name: str,
    *,
    title: str,
    about: str,
    access: Callable[[], Access] | None = None,
    place: Callable[[Access], str] = lambda _access: "",
) -> Callable[[Narrate], Narrate]:
    """Add a narrator; one with an access is remote and asked only with the user's consent."""

    def add(narrate: Narrate) -> Narrate:
        NARRATORS.add(name, Narrator(name, title, about, narrate, access, place))
        return narrate

    return add


def narrator(name: str) -> Narrator:
    """A registered narrator. Raises InvalidRequest."""
    return NARRATORS[name]


def untold(_sentence: Sentence) -> None:
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
    tell: Tell = untold,
) -> Report:
    """What a narrator writes of a Case, every sentence checked; tell hears each as it comes.

    Where a remote narrator fails, the template's report stands in and says why. checks, checked: see facts.
    consent: whether the user agrees that what SENT names is sent away.

    Raises InvalidRequest for an unknown narrator, one asked without consent, or a prompt that is too long.
    """
    chosen, prompt = narrator(name), limited(prompt)
    access = access or (chosen.access() if chosen.access else Access())
    if chosen.remote and not consent:
        raise InvalidRequest(
            f"{chosen.title} was not asked: nothing is sent without consent.",
            hint=f"It would send to {chosen.place(access)}: {SENT}.",
        )
    told = facts(case, prompt, checks, checked)
    asked = Asked(case, told, prompt, access)
    try:
        sentences = _written(chosen, asked, tell)
    except NarratorFailed as error:
        stand_in = _written(narrator("template"), asked, untold)
        return Report("template", prompt, told, stand_in, problem=f"{error} The template stands in.")
    behind = f"{chosen.name} ({access.model})" if chosen.remote else chosen.name
    return Report(behind, prompt, told, sentences)


def _written(chosen: Narrator, asked: Asked, tell: Tell) -> tuple[Sentence, ...]:
    sentences = []
    for sentence in chosen.narrate(asked):
        sentences.append(grounded(sentence, asked.facts))
        tell(sentences[-1])
    return tuple(sentences)
