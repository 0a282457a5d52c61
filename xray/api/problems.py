"""Errors as problem documents (RFC 9457), with the sentences that the pages show."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from xray.errors import InvalidRequest, ModelUnavailable, RefusedRadiograph, UnreadableImage, XrayError

MEDIA_TYPE = "application/problem+json"
KINDS: dict[type, tuple[int, str, str]] = {  # status, last part of the type, title
    UnreadableImage: (422, "unreadable-image", "No radiograph that can be read"),
    RefusedRadiograph: (422, "refused-radiograph", "Refused by the input gate"),
    InvalidRequest: (422, "invalid-request", "Something asked for does not exist"),
    ModelUnavailable: (503, "model-unavailable", "A model cannot be loaded"),
}
UNNAMED = 422, "problem", "Cannot be done"
URN = "urn:problem-type:xray:"
NOWHERE = {  # Starlette's words for an address it does not know
    "Not Found": "There is nothing at this address. See /api/openapi.json.",
    "Method Not Allowed": "This address is not asked this way. See /api/openapi.json.",
}


class Problem(BaseModel):
    """A problem document."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:problem-type:xray:unreadable-image",
                    "title": "No radiograph that can be read",
                    "status": 422,
                    "detail": "film.png is a PNG file that is cut short or damaged. Copy or download the "
                    "whole file again, or save it as PNG in the program that opens it.",
                    "request_id": "5f0c7d1e9b3a4c52",
                }
            ]
        },
    )

    type: str = Field(description="What kind of problem it is; stays the same between versions.")
    title: str
    status: int = Field(ge=400, le=599)
    detail: str = Field(description="What is wrong and what to do, in a sentence or two.")
    request_id: str = Field(description="As in the header X-Request-ID and in the log.")
    problems: list[Problem] = Field(default=[], description="Where every file failed, each one's problem.")


class NothingAnalyzed(HTTPException):
    """None of several films could be analyzed; holds the problem of each."""

    def __init__(self, problems: list[dict[str, Any]]) -> None:
        super().__init__(
            422, f"None of the {len(problems)} files could be analyzed. Each has its own problem."
        )
        self.problems = problems


def problem(error: XrayError | HTTPException, request_id: str) -> dict[str, Any]:
    """A problem document as plain values; about:blank where the status says it all."""
    told: dict[str, Any] = {"request_id": request_id}
    if isinstance(error, XrayError):
        status, slug, title = next((KINDS[kind] for kind in type(error).mro() if kind in KINDS), UNNAMED)
        return {"type": URN + slug, "title": title, "status": status, "detail": str(error), **told}
    kind, status = "about:blank", error.status_code
    if isinstance(error, NothingAnalyzed):
        kind, told["problems"] = URN + "nothing-analyzed", error.problems
    detail = NOWHERE.get(error.detail, error.detail)
    return {"type": kind, "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **told}


def answer(error: XrayError | HTTPException, request_id: str) -> JSONResponse:
    """A problem document as the whole answer to a request."""
    told = problem(error, request_id)
    headers = getattr(error, "headers", None)
    return JSONResponse(told, told["status"], headers=headers, media_type=MEDIA_TYPE)


async def handle(request: Request, error: Any) -> JSONResponse:
    """What FastAPI catches: an XrayError, an HTTPException, or a request that does not fit its schema."""
    if isinstance(error, RequestValidationError):
        error = InvalidRequest(_said(error), "See /api/openapi.json.")
    return answer(error, request.state.request_id)


def _said(error: RequestValidationError) -> str:
    """Which fields are wrong and why, without what was given in them."""
    fields = (
        f"{'.'.join(str(part) for part in one['loc'][1:]) or 'body'}: {one['msg']}" for one in error.errors()
    )
    return "; ".join(dict.fromkeys(fields)) + "."


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Problem documents in OpenAPI, for the statuses of one route and those every route can answer with."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in (*statuses, 401, 500)
    }
