"""Servers with an OpenAI-compatible API, such as Ollama, vLLM and LM Studio."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from xray.report.narrators.prompts import INSTRUCTIONS, SCHEMA, message
from xray.report.narrators.registry import NarratorRequest, access_from_settings, register
from xray.report.narrators.remote import (
    BROKEN,
    ERRORS_OF_STATUS,
    TIMEOUTS,
    failure,
    limit_client_logging,
    picture,
    sentences,
    within_timeout,
)
from xray.report.types import Sentence

WHO = "The model server"
FORM = {"type": "json_schema", "json_schema": {"name": "report", "strict": True, "schema": SCHEMA}}


@register(
    "openai-compatible",
    title="Local model",
    about="A language model on a server with an OpenAI-compatible API, such as MedGemma in Ollama, at the "
    "address in XRAY_OPENAI_URL. It may use only the facts; every sentence is checked.",
    access=partial(access_from_settings, "openai"),
    recipient=lambda access: access.url,
)
def openai_compatible(request: NarratorRequest) -> Iterator[Sentence]:
    """Yield the sentences of the answer as they arrive. Raises NarratorFailed."""
    access = request.access
    yield from sentences(within_timeout(_chunks(request), WHO, access), WHO, access)


def _chunks(request: NarratorRequest) -> Iterator[str]:
    """Yield the text of the answer in chunks. Raises NarratorFailed."""
    import openai

    def failed(kind: str) -> Exception:
        return failure(kind, WHO, request.access, request.access.url)

    begun = False
    try:
        for chunk in _stream(request):
            begun = True
            yield chunk
    except openai.APITimeoutError:
        raise failed("slow") from None
    except openai.APIConnectionError:
        raise failed("cut" if begun else "offline") from None
    except openai.APIStatusError as error:
        other = "overloaded" if error.status_code >= 500 else "refused"
        kind = ERRORS_OF_STATUS.get(error.status_code, other)
        raise failed("no key" if kind == "wrong key" and not request.access.key else kind) from None
    except openai.OpenAIError:
        raise failed("overloaded") from None  # an error within the stream
    except TIMEOUTS:
        raise failed("slow") from None
    except BROKEN:
        raise failed("cut") from None
    except json.JSONDecodeError:
        raise failed("not JSON") from None


def _stream(request: NarratorRequest) -> Iterator[str]:
    """Raises NarratorFailed if the answer was filtered or is incomplete."""
    import openai

    limit_client_logging()
    encoded = base64.b64encode(picture(request.case.radiograph)).decode()
    body: dict[str, Any] = {
        "model": request.access.model,
        "temperature": 0,
        "stream": True,
        "messages": [
            {"role": "system", "content": INSTRUCTIONS},
            {
                "role": "user",
                "content": [
                    {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{encoded}"}},
                    {"type": "text", "text": message(request.facts, request.prompt)},
                ],
            },
        ],
    }
    finished, arrived = "", False
    with openai.OpenAI(
        base_url=request.access.url,
        api_key=request.access.key or "none",
        timeout=request.access.timeout,
        max_retries=max(0, request.access.attempts - 1),
    ) as client:
        try:
            stream: Any = client.chat.completions.create(**body | {"response_format": FORM})
        except openai.BadRequestError as error:
            if "response_format" not in str(error) and "json_schema" not in str(error):
                raise
            stream = client.chat.completions.create(**body)  # a server without JSON schemas
        for chunk in stream:
            arrived = True
            for choice in chunk.choices[:1]:
                yield choice.delta.content or ""
                finished = choice.finish_reason or finished
    if finished == "content_filter":
        raise failure("blocked", WHO, request.access)
    if arrived and finished != "stop":
        raise failure("cut", WHO, request.access)
