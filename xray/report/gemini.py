"""Gemini (google-genai): with an API key, or through Vertex AI with a service account or the credentials of
the environment.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from xray.report.narrators import Access, Asked, register
from xray.report.prompts import INSTRUCTIONS, SCHEMA, message
from xray.report.remote import BROKEN, TIMEOUTS, UNREACHED, failed, hush, in_time, picture, sentences
from xray.report.types import Sentence
from xray.settings import settings

if TYPE_CHECKING:
    from google.genai import Client

WHO = "Gemini"
SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
BUSY = (500, 502, 503)
KINDS = {401: "wrong key", 403: "wrong key", 404: "no model", 408: "slow", 429: "quota", 504: "slow"}
DONE, TOO_LONG = "STOP", "MAX_TOKENS"


def access() -> Access:
    known = settings()
    key = known.gemini_api_key
    return Access(
        model=known.gemini_model,
        url=known.gemini_url,
        key=key.get_secret_value() if key else "",
        project=known.gemini_project,
        location=known.gemini_location,
        credentials=known.gemini_credentials,
        timeout=known.narrator_timeout,
        attempts=known.narrator_attempts,
    )


def place(access: Access) -> str:
    if access.url:
        return f"Gemini at {access.url}"
    return "Google (Vertex AI)" if on_vertex(access) else "Google (Gemini API)"


def on_vertex(access: Access) -> bool:
    """An API key goes before an account."""
    return not access.key and bool(access.project or access.credentials)


@register(
    "gemini",
    title="Gemini",
    about="Google's language model, over the network. It may use the facts only; every sentence is checked.",
    access=access,
    place=place,
)
def gemini(asked: Asked) -> Iterator[Sentence]:
    yield from sentences(in_time(_pieces(asked), WHO, asked.access), WHO, asked.access)


def _pieces(asked: Asked) -> Iterator[str]:
    """The answer piece by piece, and a sentence for whatever goes wrong. Raises NarratorFailed."""
    from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, TransportError
    from google.genai import errors

    def told(kind: str) -> Exception:
        return failed(kind, WHO, asked.access, place(asked.access))

    try:
        yield from _streamed(asked)
    except errors.APIError as error:
        code = error.code or 0
        wrong_key = code == 400 and "API key" in str(error.message)
        kind = KINDS.get(code, "overloaded" if code in BUSY else "wrong key" if wrong_key else "refused")
        raise told(kind) from None
    except errors.UnknownApiResponseError:
        raise told("not JSON") from None
    except TIMEOUTS:
        raise told("slow") from None
    except UNREACHED:
        raise told("offline") from None
    except BROKEN:
        raise told("cut") from None
    except DefaultCredentialsError:
        raise told("key file" if asked.access.credentials else "no key") from None
    except TransportError:
        raise told("offline") from None
    except (OSError, ValueError):
        raise told("key file") from None
    except GoogleAuthError:
        raise told("wrong key") from None


def _streamed(asked: Asked) -> Iterator[str]:
    from google.genai import types

    hush()
    config = types.GenerateContentConfig(
        system_instruction=INSTRUCTIONS,
        temperature=0,
        response_mime_type="application/json",
        response_json_schema=SCHEMA,
    )
    contents: list[Any] = [
        types.Part.from_bytes(data=picture(asked.case.radiograph), mime_type="image/jpeg"),
        types.Part.from_text(text=message(asked.facts, asked.prompt)),
    ]
    client = _client(asked.access)
    finished, arrived = "", False
    try:
        for chunk in client.models.generate_content_stream(
            model=asked.access.model, contents=contents, config=config
        ):
            arrived = True
            if chunk.prompt_feedback and chunk.prompt_feedback.block_reason:
                raise failed("blocked", WHO, asked.access)
            for candidate in (chunk.candidates or [])[:1]:
                parts = (candidate.content.parts if candidate.content else None) or []
                yield "".join(part.text or "" for part in parts if not part.thought)
                finished = candidate.finish_reason.value if candidate.finish_reason else finished
    finally:
        client.close()
    if arrived and finished in ("", TOO_LONG):
        raise failed("cut", WHO, asked.access)
    if finished not in ("", DONE):
        raise failed("blocked", WHO, asked.access)


def _client(access: Access) -> Client:
    """A client that waits and tries again by itself. Raises NarratorFailed where there is no key."""
    from google import genai
    from google.auth import default, load_credentials_from_file
    from google.genai import types

    options = types.HttpOptions(
        base_url=access.url or None,
        timeout=round(1000 * access.timeout),
        retry_options=types.HttpRetryOptions(
            attempts=access.attempts, initial_delay=access.pause, jitter=0.2
        ),
    )
    if access.key:
        return genai.Client(vertexai=False, api_key=access.key, http_options=options)
    if not on_vertex(access):
        raise failed("no key", WHO, access)
    if access.credentials:
        credentials, own = load_credentials_from_file(str(access.credentials), scopes=SCOPES)
    else:
        credentials, own = default(scopes=SCOPES)
    return genai.Client(
        vertexai=True,
        credentials=credentials,
        project=access.project or own,
        location=access.location or "global",
        http_options=options,
    )
