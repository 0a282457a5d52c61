"""Gemini (google-genai), with an API key or through Vertex AI."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from xray.report.narrators.prompts import INSTRUCTIONS, SCHEMA, message
from xray.report.narrators.registry import Access, NarratorRequest, access_from_settings, register
from xray.report.narrators.remote import (
    BROKEN,
    ERRORS_OF_STATUS,
    TIMEOUTS,
    UNREACHED,
    failure,
    limit_client_logging,
    picture,
    sentences,
    within_timeout,
)
from xray.report.types import Sentence
from xray.settings import settings

if TYPE_CHECKING:
    from google.genai import Client

WHO = "Gemini"
SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
BUSY = (500, 502, 503)
DONE, TOO_LONG = "STOP", "MAX_TOKENS"


def access() -> Access:
    """Read the access from the settings."""
    known = settings()
    return access_from_settings(
        "gemini",
        project=known.gemini_project,
        location=known.gemini_location,
        credentials=known.gemini_credentials,
    )


def recipient(access: Access) -> str:
    """Name the receiver of what is sent."""
    if access.url:
        return f"Gemini at {access.url}"
    return "Google (Vertex AI)" if on_vertex(access) else "Google (Gemini API)"


def on_vertex(access: Access) -> bool:
    """Whether Vertex AI is used; an API key takes precedence."""
    return not access.key and bool(access.project or access.credentials)


@register(
    "gemini",
    title="Gemini",
    about="Google's language model, over the network. It may use only the facts; every sentence is checked.",
    access=access,
    recipient=recipient,
)
def gemini(request: NarratorRequest) -> Iterator[Sentence]:
    """Yield the sentences of the answer as they arrive. Raises NarratorFailed."""
    access = request.access
    yield from sentences(within_timeout(_chunks(request), WHO, access), WHO, access)


def _chunks(request: NarratorRequest) -> Iterator[str]:
    """Yield the text of the answer in chunks. Raises NarratorFailed."""
    from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, TransportError
    from google.genai import errors

    def failed(kind: str) -> Exception:
        return failure(kind, WHO, request.access, recipient(request.access))

    try:
        yield from _stream(request)
    except errors.APIError as error:
        code = error.code or 0
        wrong_key = code == 400 and "API key" in str(error.message)
        other = "overloaded" if code in BUSY else "wrong key" if wrong_key else "refused"
        raise failed(ERRORS_OF_STATUS.get(code, other)) from None
    except errors.UnknownApiResponseError:
        raise failed("not JSON") from None
    except TIMEOUTS:
        raise failed("slow") from None
    except UNREACHED:
        raise failed("offline") from None
    except BROKEN:
        raise failed("cut") from None
    except DefaultCredentialsError:
        raise failed("key file" if request.access.credentials else "no key") from None
    except TransportError:
        raise failed("offline") from None
    except (OSError, ValueError):
        raise failed("key file") from None
    except GoogleAuthError:
        raise failed("wrong key") from None


def _stream(request: NarratorRequest) -> Iterator[str]:
    from google.genai import types

    limit_client_logging()
    config = types.GenerateContentConfig(
        system_instruction=INSTRUCTIONS,
        temperature=0,
        response_mime_type="application/json",
        response_json_schema=SCHEMA,
    )
    contents: list[Any] = [
        types.Part.from_bytes(data=picture(request.case.radiograph), mime_type="image/jpeg"),
        types.Part.from_text(text=message(request.facts, request.prompt)),
    ]
    client = _client(request.access)
    finished, arrived = "", False
    try:
        for chunk in client.models.generate_content_stream(
            model=request.access.model, contents=contents, config=config
        ):
            arrived = True
            if chunk.prompt_feedback and chunk.prompt_feedback.block_reason:
                raise failure("blocked", WHO, request.access)
            for candidate in (chunk.candidates or [])[:1]:
                parts = (candidate.content.parts if candidate.content else None) or []
                yield "".join(part.text or "" for part in parts if not part.thought)
                finished = candidate.finish_reason.value if candidate.finish_reason else finished
    finally:
        client.close()
    if arrived and finished in ("", TOO_LONG):
        raise failure("cut", WHO, request.access)
    if finished not in ("", DONE):
        raise failure("blocked", WHO, request.access)


def _client(access: Access) -> Client:
    """Create a client that retries. Raises NarratorFailed if there is no key."""
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
        raise failure("no key", WHO, access)
    if access.credentials:
        credentials, default_project = load_credentials_from_file(str(access.credentials), scopes=SCOPES)
    else:
        credentials, default_project = default(scopes=SCOPES)
    return genai.Client(
        vertexai=True,
        credentials=credentials,
        project=access.project or default_project,
        location=access.location or "global",
        http_options=options,
    )
