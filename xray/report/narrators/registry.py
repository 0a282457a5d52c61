"""The narrators by name, and how remote ones are reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from xray.registry import Registry
from xray.report.types import Fact, Sentence
from xray.settings import settings
from xray.types import Case

SENT = "the picture (re-encoded, without its name and metadata), the facts, the prompt, fixed instructions"


@dataclass(frozen=True)
class Access:
    """How a remote narrator is reached.

    Attributes:
        model: Name of the language model.
        url: Base URL; empty for the provider's default.
        key: API key; never shown.
        project: Google Cloud project (Vertex AI).
        location: Google Cloud location (Vertex AI).
        credentials: Key file of a service account (Vertex AI).
        timeout: Seconds for the whole answer.
        attempts: Number of attempts while the provider is overloaded.
        pause: Seconds before the second attempt, doubled before each further one.
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


def access_from_settings(provider: Literal["gemini", "openai"], **more: Any) -> Access:
    """Read model, URL, key, timeout and attempts of a provider from the settings."""
    known = settings()
    key = getattr(known, f"{provider}_api_key")
    return Access(
        model=getattr(known, f"{provider}_model"),
        url=getattr(known, f"{provider}_url"),
        key=key.get_secret_value() if key else "",
        timeout=known.narrator_timeout,
        attempts=known.narrator_attempts,
        **more,
    )


@dataclass(frozen=True, eq=False)
class NarratorRequest:
    """What a narrator may use; a remote one sends only the picture of the Case."""

    case: Case
    facts: tuple[Fact, ...]
    prompt: str
    access: Access


Narrate = Callable[[NarratorRequest], Iterator[Sentence]]


@dataclass(frozen=True, eq=False)
class Narrator:
    """A registered narrator.

    Attributes:
        name: Name in the registry.
        title: Title for users.
        about: One or two sentences for users.
        narrate: Yields sentences as they arrive; raises NarratorFailed.
        access: Reads the access from the settings; None for a narrator that sends nothing.
        recipient: Names the receiver of what is sent.
    """

    name: str
    title: str
    about: str
    narrate: Narrate
    access: Callable[[], Access] | None = None
    recipient: Callable[[Access], str] = lambda _access: ""

    @property
    def remote(self) -> bool:
        """Whether the narrator sends data over the network; this needs the user's consent."""
        return self.access is not None


NARRATORS = Registry[Narrator]("narrator", order=("template", "gemini", "openai-compatible"))


def register(
    name: str,
    *,
    title: str,
    about: str,
    access: Callable[[], Access] | None = None,
    recipient: Callable[[Access], str] = lambda _access: "",
) -> Callable[[Narrate], Narrate]:
    """Register a narrator; the arguments are the attributes of Narrator."""

    def add(narrate: Narrate) -> Narrate:
        NARRATORS.add(name, Narrator(name, title, about, narrate, access, recipient))
        return narrate

    return add


def narrator(name: str) -> Narrator:
    """Return a narrator. Raises InvalidRequest if the name is unknown."""
    return NARRATORS[name]
