"""python -m xray receive: receive films from other programs by DICOM C-STORE."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Annotated

import typer

from xray.cli.common import app, stop
from xray.errors import InvalidRequest, XrayError


@app.command("receive")
def receive(
    out: Annotated[
        Path | None, typer.Option(help="Folder for the films; by default XRAY_RECEIVED_DIR.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 for a free one.")] = 11112,
    address: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 for other computers.")
    ] = "127.0.0.1",
    ae_title: Annotated[str, typer.Option(help="AE title that senders have to call.")] = "XRAY",
    allow: Annotated[
        list[str] | None, typer.Option(help="AE title that may send; repeat it for several, by default all.")
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="Largest number of films in the folder.")] = 1000,
    tls_certificate: Annotated[
        Path | None, typer.Option(help="Encrypt connections (TLS) with this certificate, a PEM file.")
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(help="Key of the certificate, a PEM file; by default in the same file.")
    ] = None,
    tls_ca: Annotated[
        Path | None,
        typer.Option(help="Require certificates of senders, issued by those in this PEM file."),
    ] = None,
) -> None:
    """Receive films (C-STORE) and answer C-ECHO until SIGTERM or Ctrl+C.

    Only images that can be read as films are stored. Connections are encrypted with --tls-certificate only.
    """
    from xray.io.receiver import Receiver
    from xray.io.receiver_tls import tls_context
    from xray.settings import settings
    from xray.termination import limit_shutdown

    folder = out or settings().received_dir
    ended: list[bool] = []  # a lock of an Event may be held when a signal arrives
    limit_shutdown(lambda: ended.append(True))
    signal.signal(signal.SIGINT, lambda *_: ended.append(True))
    try:
        if folder is None:
            raise InvalidRequest("No folder for the films is set.", hint="Set --out or XRAY_RECEIVED_DIR.")
        if (tls_key or tls_ca) and not tls_certificate:
            raise InvalidRequest("TLS needs a certificate.", hint="Set --tls-certificate, too.")
        receiver = Receiver(
            folder,
            ae_title,
            allow or (),
            most,
            stored=lambda path: typer.echo(f"Received {path.name}"),
            tls=tls_context(tls_certificate, tls_key, tls_ca) if tls_certificate else None,
        )
        listening = receiver.start(address, port)
    except XrayError as error:
        stop(error)
    how = " with TLS" if tls_certificate else ""
    typer.echo(f"{ae_title} receives films{how} on {address}, port {listening}, into {folder}.")
    while not ended:
        time.sleep(0.1)
    threading.excepthook = lambda _: None  # pynetdicom raises in threads whose connection is aborted
    receiver.stop()
    sys.stdout.flush()
    os._exit(0)  # its threads may still wait for idle connections
