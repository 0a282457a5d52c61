"""The API as an ASGI application, and a server for it alone."""

from __future__ import annotations

import ipaddress
import logging
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartParser
from starlette.types import ASGIApp, Receive, Scope, Send

from xray import NOTICE, __version__
from xray.api.guard import Guard
from xray.api.pool import Pool
from xray.api.problems import handle
from xray.api.reports import reports
from xray.api.routes import films, health, models
from xray.api.settings import ApiSettings
from xray.api.store import Store
from xray.errors import XrayError

BESIDE = ("/upload", "/model-info", "/health")  # and all below /api/
TOLD = {"handlers": ["stderr"], "level": "INFO", "propagate": False}
SILENT = {"level": "CRITICAL", "propagate": False}  # uvicorn's own line has the path as it was asked for
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"xray.api": TOLD, "uvicorn": TOLD, "uvicorn.access": SILENT},
}

log = logging.getLogger("xray.api")


def application(settings: ApiSettings | None = None) -> FastAPI:
    """The API with its own workers and its own store; models are shared by all that run in this process."""
    settings = settings or ApiSettings()
    pool = Pool(settings.workers, settings.waiting)
    store = Store(settings.kept_mb * 1e6, settings.kept_minutes * 60)
    MultiPartParser.spool_max_size = settings.body_bytes  # films stay in memory: nothing is written to a disk

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        pool.close()

    app = FastAPI(
        title="X-ray explainability",
        description=f"What a model says of a radiograph, and where it looked. {NOTICE}",
        version=__version__,
        license_info={"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        openapi_url="/api/openapi.json",
        docs_url=None,  # its page would be fetched from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        exception_handlers={kind: handle for kind in (XrayError, HTTPException, RequestValidationError)},
    )
    token = [Depends(HTTPBearer(auto_error=False, description="One of XRAY_API_TOKENS, where any are set."))]
    for router in (films(settings, pool, store), models, reports(pool)):
        app.include_router(router, dependencies=token)
    app.include_router(health())
    app.add_middleware(Guard, settings=settings, pool=pool)
    return app


class Beside:
    """ASGI middleware that hands the API its own paths and leaves all others to the dashboard."""

    def __init__(self, app: ASGIApp, api: FastAPI) -> None:
        self.app, self.api = app, api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        its_own = path.startswith("/api/") or path in BESIDE
        await (self.api if its_own else self.app)(scope, receive, send)


def warn_if_open(host: str, settings: ApiSettings) -> None:
    """Say so where anyone who reaches this computer may ask."""
    if settings.token_list:
        return
    try:
        here = ipaddress.ip_address(host).is_loopback
    except ValueError:
        here = host == "localhost"
    who = "every user of this computer" if here else "everyone who reaches this computer"
    log.warning("No tokens are set (XRAY_API_TOKENS): the API is open to %s.", who)


def serve(host: str, port: int, settings: ApiSettings | None = None) -> None:
    """Serve until SIGTERM or SIGINT; requests that have arrived are finished and answered first."""
    settings = settings or ApiSettings()
    config = uvicorn.Config(
        application(settings),
        host=host,
        port=port,
        log_config=LOGGING,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=math.ceil(settings.seconds) + 5,
    )
    warn_if_open(host, settings)
    uvicorn.Server(config).run()
