"""What narrators that are asked over the network share: the picture sent, the answer read while it comes, and
a sentence for everything that can go wrong.
"""

from __future__ import annotations

import importlib
import importlib.util
import io
import json
import logging
import re
import time
from collections.abc import Iterable, Iterator
from typing import get_args

import numpy as np
from PIL import Image
from pydantic import BaseModel, Field, ValidationError

from xray.errors import NarratorFailed
from xray.render.reduced import fitted
from xray.report.narrators import Access
from xray.report.types import Section, Sentence
from xray.types import Radiograph

LONG_SIDE = 1024  # of the picture sent, in pixels
MOST = 100  # sentences
FAILURES = {
    "no key": ("{who} needs a key, and there is none.", "Enter one, or set {variable}."),
    "wrong key": ("{who} does not accept the key or account.", "Check it, and what it may be used for."),
    "key file": ("The key file {file} of {who} cannot be used.", "Name another in XRAY_GEMINI_CREDENTIALS."),
    "quota": ("{who} says that the quota is used up.", "Wait a minute, or look at the account's limits."),
    "blocked": ("{who} stopped at its safety filter.", "Change the prompt; it may be the picture as well."),
    "overloaded": ("{who} is overloaded; it was asked up to {attempts} times.", "Try again later."),
    "slow": ("{who} was not done within {timeout:g} seconds.", "Try again, or raise XRAY_NARRATOR_TIMEOUT."),
    "offline": ("{who} cannot be reached.", "Check the network and the address {place}."),
    "cut": ("The answer of {who} broke off.", "Try again."),
    "not JSON": ("{who} did not answer in the form asked for.", "Try again, or another model."),
    "empty": ("{who} sent an empty answer.", "Try again, or another model."),
    "no model": ("{who} has no model {model}.", "Choose another one, or set {model_variable}."),
    "refused": ("{who} refused the request.", "Choose a model that reads pictures and writes JSON."),
}
CLIENTS = [importlib.import_module(name) for name in ("httpx", "httpx2") if importlib.util.find_spec(name)]
TIMEOUTS = tuple(client.TimeoutException for client in CLIENTS)
UNREACHED = tuple(client.ConnectError for client in CLIENTS)
BROKEN = tuple(client.TransportError for client in CLIENTS)
TALKATIVE = ("openai", "google_genai", "google.auth", "httpx", "httpx2", "httpcore", "httpcore2", "urllib3")


class Written(BaseModel):
    """A sentence as a provider sends it."""

    text: str = Field(min_length=1, max_length=2000)
    section: str = "findings"
    cites: list[int] = Field(default=[], max_length=200)


def failed(kind: str, who: str, access: Access, place: str = "") -> NarratorFailed:
    """What is told of a failure, by its kind in FAILURES; nothing that a provider wrote is in it."""
    problem, hint = FAILURES[kind]
    prefix = "XRAY_GEMINI" if who == "Gemini" else "XRAY_OPENAI"
    known = {
        "who": who,
        "place": place,
        "file": access.credentials.name if access.credentials else "",
        "model": access.model,
        "timeout": access.timeout,
        "attempts": access.attempts,
        "variable": f"{prefix}_API_KEY",
        "model_variable": f"{prefix}_MODEL",
    }
    return NarratorFailed(problem.format(**known), hint.format(**known))


def picture(radiograph: Radiograph) -> bytes:
    """The film as JPEG of at most LONG_SIDE pixels: its pixels, and nothing else that the file held."""
    pixels = radiograph.pixels
    if max(pixels.shape) > LONG_SIDE:
        pixels = fitted(pixels, LONG_SIDE)
    buffer = io.BytesIO()
    Image.fromarray(np.rint(pixels.clip(0, 1) * 255).astype(np.uint8)).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def hush() -> None:
    """Have client libraries log nothing of what they send, whatever the level of the program's log."""
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def in_time(pieces: Iterable[str], who: str, access: Access) -> Iterator[str]:
    """Pieces of an answer as they come. Raises NarratorFailed when the time for the whole of it is over."""
    end = time.monotonic() + access.timeout
    for piece in pieces:
        if time.monotonic() > end:
            raise failed("slow", who, access)
        yield piece


def sentences(pieces: Iterable[str], who: str, access: Access) -> Iterator[Sentence]:
    """The sentences of a JSON answer, each as soon as it is whole. Raises NarratorFailed."""
    text, place, done, count = "", None, False, 0
    for piece in pieces:
        text += piece
        if place is None:
            found = re.search(r'"sentences"\s*:\s*\[', text)
            place = found.end() if found else None
        while place is not None and not done and count < MOST:
            rest = re.compile(r"[\s,]*").match(text, place)
            place = rest.end() if rest else place
            done = text[place : place + 1] == "]"
            try:
                told, place = json.JSONDecoder().raw_decode(text, place)
            except json.JSONDecodeError:
                break
            count += 1
            yield _sentence(told, who, access)
    if not text.strip() or (done and not count):
        raise failed("empty", who, access)
    if not done and count < MOST:
        raise failed("not JSON", who, access)


def _sentence(told: object, who: str, access: Access) -> Sentence:
    try:
        one = Written.model_validate(told)
    except ValidationError:
        raise failed("not JSON", who, access) from None
    sections: tuple[Section, ...] = get_args(Section)
    section: Section = next((name for name in sections if name == one.section), "findings")
    return Sentence(" ".join(one.text.split()), section, tuple(one.cites))
