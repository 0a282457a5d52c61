"""The API as an ASGI application, and a server for it alone."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import math
import threading
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
from xray.termination import limit_shutdown

STOP_SECONDS = 6.0  # for requests in progress after SIGTERM; see also xray.termination
API_PATHS = ("/upload", "/model-info", "/health")  # and all below /api/
LOGGED = {"handlers": ["stderr"], "level": "INFO", "propagate": False}
MUTED = {"level": "CRITICAL", "propagate": False}  # uvicorn logs the requested path, which may name a patient
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"xray.api": LOGGED, "uvicorn": LOGGED, "uvicorn.access": MUTED},
}

log = logging.getLogger("xray.api")


def application(settings: ApiSettings | None = None) -> FastAPI:
    """Create the API with its workers and its store. Models are shared within the process.

    Args:
        settings: Limits and tokens; by default those of the environment.
    """
    settings = settings or ApiSettings()
    pool = Pool(settings.workers, settings.waiting)
    store = Store(settings.kept_mb * 1e6, settings.kept_minutes * 60)
    MultiPartParser.spool_max_size = settings.body_bytes  # films stay in memory and are never written to disk

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if threading.current_thread() is threading.main_thread():
            loop = asyncio.get_running_loop()
            limit_shutdown(lambda: loop.call_soon_threadsafe(pool.stop, STOP_SECONDS))
        yield
        pool.close()

    app = FastAPI(
        title="X-ray explainability",
        description=f"Predictions and explanations for radiographs. {NOTICE}",
        version=__version__,
        license_info={"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        openapi_url="/api/openapi.json",
        docs_url=None,  # the page loads scripts from another server
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        exception_handlers={kind: handle for kind in (XrayError, HTTPException, RequestValidationError)},
    )
    token = [Depends(HTTPBearer(auto_error=False, description="One of XRAY_API_TOKENS, if any are set."))]
    for router in (films(settings, pool, store), models(pool), reports(pool)):
        app.include_router(router, dependencies=token)
    app.include_router(health())
    app.add_middleware(Guard, settings=settings, pool=pool)
    return app


class Beside:
    """ASGI middleware that routes the API's paths to the API and all others to the dashboard.

    Args:
        app: The dashboard.
        api: The API.
    """

    def __init__(self, app: ASGIApp, api: FastAPI) -> None:
        self.app, self.api = app, api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a connection to the API or to the dashboard."""
        path = scope["path"] if scope["type"] == "http" else ""
        is_api = path.startswith("/api/") or path in API_PATHS
        await (self.api if is_api else self.app)(scope, receive, send)


def warn_if_open(host: str, settings: ApiSettings) -> None:
    """Log a warning if the API needs no token.

    Args:
        host: Address that the server listens on.
        settings: Settings with or without tokens.
    """
    if settings.token_list:
        return
    try:
        is_local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_local = host == "localhost"
    clients = "every user of this computer" if is_local else "everyone who can reach this computer"
    log.warning("No tokens are set (XRAY_API_TOKENS): the API is open to %s.", clients)


def serve(host: str, port: int, settings: ApiSettings | None = None) -> None:
    """Serve until SIGTERM or SIGINT, then complete the requests that have arrived.

    After SIGTERM, requests that take longer than STOP_SECONDS are answered with status 503.

    Args:
        host: Address to listen on.
        port: Port to listen on.
        settings: Limits and tokens; by default those of the environment.
    """
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
