"""Middleware of the API: request ids, bearer tokens, the size limit, the request queue and the access log.

A log line contains the request id, the route, the status and the duration. It never contains the requested
path, a file name, an error message or any part of a body.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import re
import secrets
import time
import traceback

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from xray.api.pool import Deadline, Pool
from xray.api.problems import answer
from xray.api.settings import ApiSettings
from xray.errors import XrayError

PUBLIC_PATHS = ("/health", "/api/openapi.json")  # no token needed
QUEUED = ("/api/explanations/", "/model-info")  # GET requests that the workers answer

log = logging.getLogger("xray.api")


class Guard:
    """ASGI middleware of the API. HEAD is answered as GET, without the body.

    Args:
        app: The API.
        settings: Tokens and limits.
        pool: Workers whose queue a request must enter before its body is read.
    """

    def __init__(self, app: ASGIApp, settings: ApiSettings, pool: Pool) -> None:
        self.app, self.settings, self.pool = app, settings, pool
        self.tokens = [_digest(token) for token in settings.token_list]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Admit, run and log one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, start, status = Headers(scope=scope), time.monotonic(), 0
        is_head = scope["method"] == "HEAD"
        routed: Scope = {**scope, "method": "GET"} if is_head else scope
        state = scope.setdefault("state", {})
        state["request_id"] = request_id = _request_id(headers.get("x-request-id", ""))
        state["deadline"] = Deadline.after(self.settings.seconds, self.pool.shutdown)

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            elif is_head:
                message = {**message, "body": b""}
            await send(message)

        try:
            self.admit(scope, headers)
            if scope["method"] == "POST" or scope["path"].startswith(QUEUED):
                with self.pool.place():
                    await self.app(routed, self.limited(receive, state["deadline"]), send_with_id)
            else:
                await self.app(routed, receive, send_with_id)
        except (XrayError, HTTPException) as error:
            await answer(error, request_id)(scope, receive, send_with_id)
        except Exception as error:  # noqa: BLE001 - the message may quote a file: only the traceback is logged
            where = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
            log.error("%s %s at\n%s", request_id, type(error).__name__, where)
            if not status:
                failure = HTTPException(
                    500, "Internal error. The server's log has the details under the request id."
                )
                await answer(failure, request_id)(scope, receive, send_with_id)
        finally:
            route = getattr(routed.get("route"), "path", "no route")
            log.info(
                "%s %s %s %d %.3fs", request_id, scope["method"], route, status, time.monotonic() - start
            )

    def admit(self, scope: Scope, headers: Headers) -> None:
        """Check the token and the declared size before the body is read.

        Raises:
            HTTPException: With status 401 or 413.
        """
        if self.tokens and scope["path"] not in PUBLIC_PATHS:
            scheme, _, token = headers.get("authorization", "").partition(" ")
            digest = _digest(token.strip())
            matches = [hmac.compare_digest(digest, known) for known in self.tokens]  # in constant time
            if scheme.lower() != "bearer" or not any(matches):
                raise HTTPException(
                    401,
                    "A token is required: send the header Authorization: Bearer TOKEN.",
                    {"WWW-Authenticate": "Bearer"},
                )
        if int(headers.get("content-length", 0)) > self.settings.body_bytes:
            raise self.too_large()

    def limited(self, receive: Receive, deadline: Deadline) -> Receive:
        """Wrap `receive` so that a body that is too large or too slow raises HTTPException 413 or 408."""
        size = 0

        async def bounded() -> Message:
            nonlocal size
            try:
                async with asyncio.timeout(deadline.left):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, "The upload took too long. Send fewer films at once.") from None
            size += len(message.get("body", b""))
            if size > self.settings.body_bytes:
                raise self.too_large()
            return message

        return bounded

    def too_large(self) -> HTTPException:
        """The error for a body over the size limit."""
        return HTTPException(
            413,
            f"The request is larger than {self.settings.body_mb:g} MB. Send fewer films at once.",
            {"Connection": "close"},
        )


def _digest(token: str) -> bytes:
    """Hash a token, so that the comparison does not depend on its length."""
    return hashlib.sha256(token.encode()).digest()


def _request_id(given: str) -> str:
    """The client's id if it has 8 to 64 letters, digits, dots or hyphens; otherwise a new id."""
    return given if re.fullmatch(r"[\w.-]{8,64}", given, re.ASCII) else secrets.token_hex(8)
