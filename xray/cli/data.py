"""python -m xray data list | prepare: public collections of films, and their preparation for training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from xray.cli.common import Json, app, stop
from xray.errors import XrayError

data = typer.Typer(no_args_is_help=True, help="List public collections and prepare them for training.")
app.add_typer(data, name="data")


@data.command("list")
def list_collections(as_json: Json = False) -> None:
    """List the collections that recipes read, with addresses and licences."""
    from dataclasses import asdict

    from xray.settings import settings
    from xray.train.public_data import COLLECTIONS

    root = settings().training_data
    known = {
        name: asdict(collection) | {"here": (root / collection.folder).is_dir()}
        for name, collection in COLLECTIONS.items()
    }
    if as_json:
        typer.echo(json.dumps(known, indent=2, ensure_ascii=False))
        return
    for name, facts in known.items():
        typer.echo(f"{name}: {facts['title']}" + (" (on this computer)" if facts["here"] else ""))
        typer.echo(f"  {facts['address']}\n  {facts['size']}; licence: {facts['licence']}")


@data.command("prepare")
def prepare_collection(
    name: Annotated[str, typer.Argument(help="Name of a collection, see `data list`.")],
    download: Annotated[Path, typer.Option("--from", help="Folder or archive of the public download.")],
    folder: Annotated[
        Path | None, typer.Option("--to", help="Folder to write; by default the one that recipes read.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Turn a public download into the folder that recipes read, and report counts and checksums."""
    from xray.train.prepare import prepare

    try:
        facts = prepare(name, download, folder)
    except XrayError as error:
        stop(error)
    if as_json:
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    for group, n in facts["counts"].items():
        typer.echo(f"{n:7,}  {group}")
    if facts["boxes"]:
        typer.echo(f"{facts['boxes']:7,}  boxes")
    for reason, part in facts["left_out"].items():
        typer.echo(f"{part['n']:7,}  left out: {reason}, such as {part['examples'][0]}")
    typer.echo(f"Checksums of {facts['files']:,} files: sha256.txt (sha256 {facts['sha256_txt']}).")
