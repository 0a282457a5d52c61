"""python -m xray serve: serve the REST API, alone or with the dashboard in one process."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from xray.cli.common import app, stop
from xray.errors import InvalidRequest

TOKENS = "XRAY_API_TOKENS"


@app.command("serve")
def serve_api(
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 for all interfaces.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8600,
    dashboard: Annotated[
        bool, typer.Option("--dashboard", help="Also serve the dashboard, in the same process.")
    ] = False,
    tokens_from_env: Annotated[
        str, typer.Option(help="Environment variable with the bearer tokens.")
    ] = TOKENS,
    workers: Annotated[int | None, typer.Option(help="Number of requests processed at once.")] = None,
    waiting: Annotated[
        int | None, typer.Option(help="Number of requests that may wait; the next gets status 429.")
    ] = None,
    body_mb: Annotated[float | None, typer.Option(help="Largest request body in megabytes.")] = None,
    seconds: Annotated[float | None, typer.Option(help="Timeout of a request in seconds.")] = None,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep", help="Keep the results of clients on this computer in the history; as XRAY_HISTORY=1."
        ),
    ] = False,
) -> None:
    """Serve the REST API; see docs/api.md."""
    from pydantic import ValidationError

    from xray.api import ApiSettings, serve
    from xray.settings import ROOT

    given = {"workers": workers, "waiting": waiting, "body_mb": body_mb, "seconds": seconds}
    os.environ |= {
        f"XRAY_API_{name.upper()}": str(value) for name, value in given.items() if value is not None
    }
    if keep:
        os.environ["XRAY_HISTORY"] = "1"
    if tokens_from_env not in os.environ and tokens_from_env != TOKENS:
        stop(InvalidRequest(f"{tokens_from_env} is not set.", hint="Set it to tokens, separated by commas."))
    os.environ[TOKENS] = os.environ.get(tokens_from_env, "")
    try:
        settings = ApiSettings()
    except ValidationError as error:
        name, why = f"XRAY_API_{error.errors()[0]['loc'][0]}".upper(), error.errors()[0]["msg"]
        stop(InvalidRequest(f"{name} is invalid: {why}.", hint="Change or unset it."))
    if not dashboard:
        serve(host, port, settings)
        return
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "serve.py"), "--server.headless=true"]
    os.execv(sys.executable, [*command, f"--server.address={host}", f"--server.port={port}"])
