"""python -m xray weights list | fetch | add: the models there are, and public ones on request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from xray.cli.common import Json, app, stop
from xray.errors import XrayError

if TYPE_CHECKING:
    from xray.models.registry import ModelEntry

weights = typer.Typer(no_args_is_help=True, help="List models, fetch public ones.")
app.add_typer(weights, name="weights")


@weights.command("list")
def list_models(as_json: Json = False) -> None:
    """Name every model: bundled, fetched, or to be fetched."""
    from xray.models.registry import entries, public_entries

    try:
        known = (*entries(), *public_entries())
    except XrayError as error:
        stop(error)
    if as_json:
        facts = [one.model_dump(mode="json") | {"state": _state(one)} for one in known]
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    width = max(len(one.id) for one in known)
    for one in known:
        typer.echo(f"{one.id:{width}}  {_state(one):11}  {one.title}")


@weights.command("fetch")
def fetch_model(model: Annotated[str, typer.Argument(help="Model id, as listed.")]) -> None:
    """Download a public model; from then on it works without a connection."""
    from xray.models.public import fetch
    from xray.models.registry import entry

    try:
        fetched = fetch(entry(model))
    except XrayError as error:
        stop(error)
    revision = f", revision {fetched.revision}" if fetched.revision else ""
    typer.echo(f"{fetched.id} is fetched{revision}, sha256 {fetched.sha256}")


@weights.command("add")
def add_model(
    source: Annotated[str, typer.Argument(help="Image classifier of the Hugging Face Hub: OWNER/NAME.")],
    revision: Annotated[
        str, typer.Option(help="Commit, tag or branch; by default the newest when it is fetched.")
    ] = "",
) -> None:
    """List a public image classifier among the models, to be fetched with: weights fetch."""
    from xray.models.public import add

    try:
        added = add(source, revision)
    except XrayError as error:
        stop(error)
    typer.echo(f"{added.id} is listed; fetch it with: python -m xray weights fetch {added.id}")


def _state(one: ModelEntry) -> str:
    from xray.models.registry import fetched_record

    if one.kind in ("bundled", "ensemble"):
        return one.kind
    return "fetched" if fetched_record(one) else "not fetched"
