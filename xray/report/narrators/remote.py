"""Shared by remote narrators: the picture that is sent, parsing of a streamed answer, and error messages."""

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
from xray.imaging.transforms import downsample
from xray.report.narrators.registry import Access
from xray.report.types import Section, Sentence
from xray.types import Radiograph

LONG_SIDE = 1024  # px of the picture that is sent
MAX_SENTENCES = 100
FAILURES = {
    "no key": ("{who} needs a key.", "Enter one, or set {variable}."),
    "wrong key": ("{who} does not accept the key or account.", "Check it and its permissions."),
    "key file": ("The key file {file} of {who} cannot be used.", "Name another in XRAY_GEMINI_CREDENTIALS."),
    "quota": ("{who} reports that the quota is used up.", "Wait a minute, or check the account's limits."),
    "blocked": ("The safety filter of {who} blocked the answer.", "Change the prompt or the picture."),
    "overloaded": ("{who} is overloaded after up to {attempts} attempts.", "Try again later."),
    "slow": ("{who} did not finish in {timeout:g} seconds.", "Try again, or raise XRAY_NARRATOR_TIMEOUT."),
    "offline": ("{who} cannot be reached.", "Check the network and the address {recipient}."),
    "cut": ("The answer of {who} is incomplete.", "Try again."),
    "not JSON": ("{who} did not answer in the requested format.", "Try again, or another model."),
    "empty": ("{who} sent an empty answer.", "Try again, or another model."),
    "no model": ("{who} has no model {model}.", "Choose another one, or set {model_variable}."),
    "refused": ("{who} refused the request.", "Choose a model that accepts pictures and writes JSON."),
}
CLIENTS = [importlib.import_module(name) for name in ("httpx", "httpx2") if importlib.util.find_spec(name)]
ERRORS_OF_STATUS = {
    401: "wrong key", 403: "wrong key", 404: "no model", 408: "slow", 429: "quota", 504: "slow"
}  # fmt: skip
TIMEOUTS = tuple(client.TimeoutException for client in CLIENTS)
UNREACHED = tuple(client.ConnectError for client in CLIENTS)
BROKEN = tuple(client.TransportError for client in CLIENTS)
LOGGERS = ("openai", "google_genai", "google.auth", "httpx", "httpx2", "httpcore", "httpcore2", "urllib3")


class RawSentence(BaseModel):
    """A sentence as a provider sends it."""

    text: str = Field(min_length=1, max_length=2000)
    section: str = "findings"
    cites: list[int] = Field(default=[], max_length=200)


def failure(kind: str, who: str, access: Access, recipient: str = "") -> NarratorFailed:
    """Create the error for a kind in FAILURES; it contains no text of the provider."""
    problem, hint = FAILURES[kind]
    prefix = "XRAY_GEMINI" if who == "Gemini" else "XRAY_OPENAI"
    known = {
        "who": who,
        "recipient": recipient,
        "file": access.credentials.name if access.credentials else "",
        "model": access.model,
        "timeout": access.timeout,
        "attempts": access.attempts,
        "variable": f"{prefix}_API_KEY",
        "model_variable": f"{prefix}_MODEL",
    }
    return NarratorFailed(problem.format(**known), hint.format(**known))


def picture(radiograph: Radiograph) -> bytes:
    """Encode a film as JPEG of at most LONG_SIDE pixels, without metadata."""
    pixels = radiograph.pixels
    if max(pixels.shape) > LONG_SIDE:
        pixels = downsample(pixels, LONG_SIDE).pixels
    buffer = io.BytesIO()
    Image.fromarray(np.rint(pixels.clip(0, 1) * 255).astype(np.uint8)).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def limit_client_logging() -> None:
    """Keep client libraries from logging what they send, at any log level of the program."""
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)


def within_timeout(chunks: Iterable[str], who: str, access: Access) -> Iterator[str]:
    """Yield the chunks of an answer. Raises NarratorFailed after the timeout for the whole answer."""
    end = time.monotonic() + access.timeout
    for chunk in chunks:
        if time.monotonic() > end:
            raise failure("slow", who, access)
        yield chunk


def sentences(chunks: Iterable[str], who: str, access: Access) -> Iterator[Sentence]:
    """Yield each sentence of a JSON answer as soon as it is complete. Raises NarratorFailed."""
    text, place, done, count = "", None, False, 0
    for chunk in chunks:
        text += chunk
        if place is None:
            found = re.search(r'"sentences"\s*:\s*\[', text)
            place = found.end() if found else None
        while place is not None and not done and count < MAX_SENTENCES:
            rest = re.compile(r"[\s,]*").match(text, place)
            place = rest.end() if rest else place
            done = text[place : place + 1] == "]"
            try:
                item, place = json.JSONDecoder().raw_decode(text, place)
            except json.JSONDecodeError:
                break
            count += 1
            yield _sentence(item, who, access)
    if not text.strip() or (done and not count):
        raise failure("empty", who, access)
    if not done and count < MAX_SENTENCES:
        raise failure("not JSON", who, access)


def _sentence(item: object, who: str, access: Access) -> Sentence:
    try:
        raw = RawSentence.model_validate(item)
    except ValidationError:
        raise failure("not JSON", who, access) from None
    sections: tuple[Section, ...] = get_args(Section)
    section: Section = next((name for name in sections if name == raw.section), "findings")
    return Sentence(" ".join(raw.text.split()), section, tuple(raw.cites))
