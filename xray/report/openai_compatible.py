"""Any server that speaks OpenAI's protocol (the openai client with a base URL): Ollama, vLLM, LM Studio."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

from xray.report.narrators import Access, Asked, register
from xray.report.prompts import INSTRUCTIONS, SCHEMA, message
from xray.report.remote import BROKEN, TIMEOUTS, failed, hush, in_time, picture, sentences
from xray.report.types import Sentence
from xray.settings import settings

WHO = "The model server"
FORM = {"type": "json_schema", "json_schema": {"name": "report", "strict": True, "schema": SCHEMA}}
KINDS = {401: "wrong key", 403: "wrong key", 404: "no model", 408: "slow", 429: "quota", 504: "slow"}


def access() -> Access:
    known = settings()
    key = known.openai_api_key
    return Access(
        model=known.openai_model,
        url=known.openai_url,
        key=key.get_secret_value() if key else "",
        timeout=known.narrator_timeout,
        attempts=known.narrator_attempts,
    )


@register(
    "openai-compatible",
    title="Local model",
    about="A language model behind OpenAI's protocol, such as MedGemma in Ollama, at the address in "
    "XRAY_OPENAI_URL. It may use the facts only, and every sentence is checked.",
    access=access,
    place=lambda access: access.url,
)
def openai_compatible(asked: Asked) -> Iterator[Sentence]:
    yield from sentences(in_time(_pieces(asked), WHO, asked.access), WHO, asked.access)


def _pieces(asked: Asked) -> Iterator[str]:
    """The answer piece by piece, and a sentence for whatever goes wrong. Raises NarratorFailed."""
    import openai

    def told(kind: str) -> Exception:
        return failed(kind, WHO, asked.access, asked.access.url)

    begun = False
    try:
        for piece in _streamed(asked):
            begun = True
            yield piece
    except openai.APITimeoutError:
        raise told("slow") from None
    except openai.APIConnectionError:
        raise told("cut" if begun else "offline") from None
    except openai.APIStatusError as error:
        kind = KINDS.get(error.status_code, "overloaded" if error.status_code >= 500 else "refused")
        raise told("no key" if kind == "wrong key" and not asked.access.key else kind) from None
    except openai.OpenAIError:
        raise told("overloaded") from None  # an error told within the stream
    except TIMEOUTS:
        raise told("slow") from None
    except BROKEN:
        raise told("cut") from None
    except json.JSONDecodeError:
        raise told("not JSON") from None


def _streamed(asked: Asked) -> Iterator[str]:
    """Raises NarratorFailed where the answer was filtered or has no end."""
    import openai

    hush()
    encoded = base64.b64encode(picture(asked.case.radiograph)).decode()
    request: dict[str, Any] = {
        "model": asked.access.model,
        "temperature": 0,
        "stream": True,
        "messages": [
            {"role": "system", "content": INSTRUCTIONS},
            {
                "role": "user",
                "content": [
                    {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{encoded}"}},
                    {"type": "text", "text": message(asked.facts, asked.prompt)},
                ],
            },
        ],
    }
    finished, arrived = "", False
    with openai.OpenAI(
        base_url=asked.access.url,
        api_key=asked.access.key or "none",
        timeout=asked.access.timeout,
        max_retries=max(0, asked.access.attempts - 1),
    ) as client:
        try:
            stream: Any = client.chat.completions.create(**request | {"response_format": FORM})
        except openai.BadRequestError as error:
            if "response_format" not in str(error) and "json_schema" not in str(error):
                raise
            stream = client.chat.completions.create(**request)  # a server that knows no schemas
        for chunk in stream:
            arrived = True
            for choice in chunk.choices[:1]:
                yield choice.delta.content or ""
                finished = choice.finish_reason or finished
    if finished == "content_filter":
        raise failed("blocked", WHO, asked.access)
    if arrived and finished != "stop":
        raise failed("cut", WHO, asked.access)
