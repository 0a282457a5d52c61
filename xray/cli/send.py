"""python -m xray send: store DICOM files in a PACS."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xray.cli.common import app, stop
from xray.errors import XrayError


@app.command("send")
def send(
    files: Annotated[list[Path], typer.Argument(help="DICOM files, such as those of export --dicom.")],
    to: Annotated[
        str, typer.Option("--to", help="DICOMweb address of the PACS; by default XRAY_PACS_URL.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Send the files; without it, they are listed.")] = False,
) -> None:
    """Store DICOM files in a PACS (STOW-RS). Exit code 1 if the PACS refuses a file, 2 on an error."""
    from xray.io.decode import content
    from xray.io.dicomweb import SCHEME, Pacs, place
    from xray.io.dicomweb_objects import described

    try:
        pacs = Pacs(place(to)[0] if to.startswith(SCHEME) else to)
        contents = [content(path) for path in files]
        typer.echo(f"{'Sending' if yes else 'To send'} to {pacs.url}:")
        for path, data in zip(files, contents, strict=True):
            typer.echo(f"  {path}: {described(data)}")
        if not yes:
            typer.echo("Nothing was sent. Add --yes to send.")
            return
        results = pacs.store(contents)
    except XrayError as error:
        stop(error)
    for path, result in zip(files, results, strict=True):
        typer.echo(f"{path}: {f'refused: {result.reason}' if result.reason else 'stored'}")
    if any(result.reason for result in results):
        raise typer.Exit(1)
