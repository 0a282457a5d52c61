"""Whether the results of a request are kept in the history of the computer."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Request

from xray.access import Visitor, may_use, request_origin
from xray.history.keeping import Keeper
from xray.settings import settings

log = logging.getLogger("xray.api")


@contextmanager
def keeper_of(request: Request) -> Iterator[Keeper]:
    """What keeps the results of a request in the history; logs if they cannot be kept.

    Results are kept only with XRAY_HISTORY, for clients that xray.access lets use the history: those on this
    computer, and all clients with XRAY_HISTORY_SHARED. They belong to the users of this computer.
    """
    address = request.client.host if request.client else ""
    client = Visitor(origin=request_origin(address, request.headers.items()))
    keeper = Keeper(enabled=settings().history and may_use(client, "history"))
    try:
        yield keeper
    finally:
        if keeper.error:
            log.warning("%s The results are not in the history: it is unavailable.", request.state.request_id)
