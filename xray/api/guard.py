"""What stands before every route: request ids, tokens, the body's limit, a place in the queue, the log.

A log line holds an id, the route, the answer's status and its time: never a path as it was asked for, a file
name, a message of an error or anything of a body.
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

OPEN = ("/health", "/api/openapi.json")  # asked without a token
DRAWN = "/api/explanations/"

log = logging.getLogger("xray.api")


class Guard:
    """ASGI middleware around the API alone."""

    def __init__(self, app: ASGIApp, settings: ApiSettings, pool: Pool) -> None:
        self.app, self.settings, self.pool = app, settings, pool
        self.tokens = [_digest(token) for token in settings.token_list]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, began, status = Headers(scope=scope), time.monotonic(), 0
        state = scope.setdefault("state", {})
        state["request_id"] = request_id = _id(headers.get("x-request-id", ""))
        state["deadline"] = Deadline.after(self.settings.seconds)

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            self.admit(scope, headers)
            if scope["method"] == "POST" or scope["path"].startswith(DRAWN):
                with self.pool.place():
                    await self.app(scope, self.limited(receive, state["deadline"]), sent)
            else:
                await self.app(scope, receive, sent)
        except (XrayError, HTTPException) as error:
            await answer(error, request_id)(scope, receive, sent)
        except Exception as error:  # noqa: BLE001 - its message may quote a file, so only its place is logged
            where = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
            log.error("%s %s at\n%s", request_id, type(error).__name__, where)
            if not status:
                wrong = HTTPException(
                    500, "Something went wrong here. The log says where, under the request id."
                )
                await answer(wrong, request_id)(scope, receive, sent)
        finally:
            route = getattr(scope.get("route"), "path", "no route")
            log.info(
                "%s %s %s %d %.3fs", request_id, scope["method"], route, status, time.monotonic() - began
            )

    def admit(self, scope: Scope, headers: Headers) -> None:
        """Raises HTTPException before anything of a body is read."""
        if self.tokens and scope["path"] not in OPEN:
            given = headers.get("authorization", "")
            kind, _, token = given.partition(" ")
            known = [hmac.compare_digest(_digest(token.strip()), one) for one in self.tokens]  # all, always
            if kind.lower() != "bearer" or not any(known):
                raise HTTPException(
                    401,
                    "This needs a token: send the header Authorization: Bearer TOKEN.",
                    {"WWW-Authenticate": "Bearer"},
                )
        if int(headers.get("content-length", 0)) > self.settings.body_bytes:
            raise self.too_large()

    def limited(self, receive: Receive, deadline: Deadline) -> Receive:
        """receive, which ends a body that is too large or comes too slowly."""
        size = 0

        async def bounded() -> Message:
            nonlocal size
            try:
                async with asyncio.timeout(deadline.left):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, "The films did not arrive in time. Send fewer at once.") from None
            size += len(message.get("body", b""))
            if size > self.settings.body_bytes:
                raise self.too_large()
            return message

        return bounded

    def too_large(self) -> HTTPException:
        return HTTPException(
            413,
            f"This is more than {self.settings.body_mb:g} MB. Send fewer films at once.",
            {"Connection": "close"},
        )


def _digest(token: str) -> bytes:
    """Of one length for all, so that comparing tells nothing of a token's."""
    return hashlib.sha256(token.encode()).digest()


def _id(given: str) -> str:
    """The client's own id where it is a plain one, else a new one."""
    return given if re.fullmatch(r"[\w.-]{8,64}", given, re.ASCII) else secrets.token_hex(8)
