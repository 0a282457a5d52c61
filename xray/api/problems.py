"""Errors as problem documents (RFC 9457), with the messages that the pages show."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from xray.errors import (
    InvalidRequest,
    ModelUnavailable,
    RefusedRadiograph,
    UnreadableImage,
    UnusableMap,
    XrayError,
)

MEDIA_TYPE = "application/problem+json"
KINDS: dict[type, tuple[int, str, str]] = {  # status, last part of the type, title
    UnreadableImage: (422, "unreadable-image", "Unreadable radiograph"),
    RefusedRadiograph: (422, "refused-radiograph", "Refused by the input gate"),
    UnusableMap: (422, "unusable-map", "Unusable map"),
    InvalidRequest: (422, "invalid-request", "Invalid request"),
    ModelUnavailable: (503, "model-unavailable", "Model unavailable"),
}
UNNAMED = 422, "problem", "Request failed"
URN = "urn:problem-type:xray:"
FILE_FIELDS = ("file", "files", "map")
STARLETTE = {  # messages of Starlette and their replacements
    "Not Found": "There is no route at this path. See /api/openapi.json.",
    "Method Not Allowed": "This route does not support the method. See /api/openapi.json.",
}


class Problem(BaseModel):
    """A problem document."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:problem-type:xray:unreadable-image",
                    "title": "Unreadable radiograph",
                    "status": 422,
                    "detail": "film.png is a PNG file that is cut short or damaged. Copy or download the "
                    "whole file again, or save it as PNG in the program that opens it.",
                    "request_id": "5f0c7d1e9b3a4c52",
                }
            ]
        },
    )

    type: str = Field(description="Kind of problem; stable between versions.")
    title: str
    status: int = Field(ge=400, le=599)
    detail: str = Field(description="The cause and a suggested solution.")
    request_id: str = Field(description="As in the header X-Request-ID and in the server's log.")
    problems: list[Problem] = Field(default=[], description="The problem of each file, if every file failed.")


class NothingAnalyzed(HTTPException):
    """The error for several files of which none could be analyzed, with the problem of each."""

    def __init__(self, problems: list[dict[str, Any]]) -> None:
        super().__init__(
            422, f"None of the {len(problems)} files could be analyzed. Each has its own problem."
        )
        self.problems = problems


def problem(error: XrayError | HTTPException, request_id: str) -> dict[str, Any]:
    """Describe an error as a problem document.

    Args:
        error: The error. An HTTPException has the type about:blank.
        request_id: Identifier of the request in the log.

    Returns:
        The fields of Problem.
    """
    extra: dict[str, Any] = {"request_id": request_id}
    if isinstance(error, XrayError):
        status, slug, title = next((KINDS[kind] for kind in type(error).mro() if kind in KINDS), UNNAMED)
        return {"type": URN + slug, "title": title, "status": status, "detail": str(error), **extra}
    kind, status = "about:blank", error.status_code
    if isinstance(error, NothingAnalyzed):
        kind, extra["problems"] = URN + "nothing-analyzed", error.problems
    detail = STARLETTE.get(error.detail, error.detail)
    return {"type": kind, "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **extra}


def answer(error: XrayError | HTTPException, request_id: str) -> JSONResponse:
    """The response to a request that failed."""
    content = problem(error, request_id)
    headers = getattr(error, "headers", None)
    return JSONResponse(content, content["status"], headers=headers, media_type=MEDIA_TYPE)


async def handle(request: Request, error: Any) -> JSONResponse:
    """Exception handler for XrayError, HTTPException and requests that do not match their schema."""
    if isinstance(error, RequestValidationError):
        error = InvalidRequest(_invalid_fields(error), "See /api/openapi.json.")
    return answer(error, request.state.request_id)


def _invalid_fields(error: RequestValidationError) -> str:
    """The invalid fields and the reasons, without the values."""
    for name in FILE_FIELDS if isinstance(error.body, FormData) else ():
        if any(isinstance(part, str) for part in error.body.getlist(name)):
            return f"A part {name} has no file name. Add filename to its Content-Disposition header."
    fields = (
        f"{'.'.join(str(part) for part in field['loc'][1:]) or 'body'}: {field['msg']}"
        for field in error.errors()
    )
    return "; ".join(dict.fromkeys(fields)) + "."


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI responses for the error statuses of a route and for those that every route can return."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in (*statuses, 401, 500)
    }
