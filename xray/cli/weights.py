"""python -m xray weights list | table | fetch | add | export: list, fetch and export models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from xray.cli.common import Json, app, stop, stop_unwritable
from xray.errors import XrayError

if TYPE_CHECKING:
    from xray.models.registry import ModelEntry

weights = typer.Typer(no_args_is_help=True, help="List, fetch and export models.")
app.add_typer(weights, name="weights")


@weights.command("list")
def list_models(as_json: Json = False) -> None:
    """List every model: bundled, fetched or not fetched yet."""
    from xray.models.registry import entries, public_entries

    try:
        known = (*entries(), *public_entries())
    except XrayError as error:
        stop(error)
    if as_json:
        facts = [model.model_dump(mode="json") | {"state": _state(model)} for model in known]
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    width = max(len(model.id) for model in known)
    for model in known:
        typer.echo(f"{model.id:{width}}  {_state(model):11}  {model.title}")


@weights.command("table")
def print_table(
    explanations: Annotated[
        bool, typer.Option("--explanations", help="How often maps are highest in a radiologist's box.")
    ] = False,
    verdicts: Annotated[
        bool, typer.Option("--verdicts", help="How often the verdict on a map is right.")
    ] = False,
    gate: Annotated[bool, typer.Option("--gate", help="What the input gate refuses.")] = False,
) -> None:
    """Print the figures of the bundled models as a Markdown table, as in README and docs."""
    from xray.train.summary import explanations_table, gate_totals, models_table, verdicts_table

    tables = {explanations_table: explanations, verdicts_table: verdicts, gate_totals: gate}
    table = next((table for table, chosen in tables.items() if chosen), models_table)
    try:
        typer.echo(table())
    except XrayError as error:
        stop(error)


@weights.command("fetch")
def fetch_model(model: Annotated[str, typer.Argument(help="Model id, as listed.")]) -> None:
    """Download a public model. It then works without a connection."""
    from xray.models.public import fetch
    from xray.models.registry import entry

    try:
        requested = entry(model)
        fetched = fetch(requested)
    except XrayError as error:
        stop(error)
    if fetched.kind == "torchxrayvision" and not requested.revision:
        typer.echo(f"No sha256 is published for {fetched.source}: later downloads must be the same file.")
    revision = f", revision {fetched.revision}" if fetched.revision else ""
    typer.echo(f"{fetched.id} is fetched{revision}, sha256 {fetched.sha256}")


@weights.command("add")
def add_model(
    source: Annotated[str, typer.Argument(help="Image classifier on the Hugging Face Hub, as OWNER/NAME.")],
    revision: Annotated[
        str, typer.Option(help="Commit, tag or branch; by default the newest at the time of the download.")
    ] = "",
) -> None:
    """Add a public image classifier to the list of models; `weights fetch` downloads it."""
    from xray.models.public import add

    try:
        added = add(source, revision)
    except XrayError as error:
        stop(error)
    typer.echo(f"{added.id} is listed; fetch it with: python -m xray weights fetch {added.id}")


@weights.command("export")
def export_model(
    model: Annotated[str, typer.Argument(help="Id of a classifier or an ensemble, as listed.")],
    to: Annotated[Literal["onnx"], typer.Option(help="File format.")] = "onnx",
    out: Annotated[Path | None, typer.Option(help="File to write; by default MODEL.onnx.")] = None,
    page: Annotated[
        Path | None, typer.Option(help="Folder for a web page that runs the model in a browser.")
    ] = None,
) -> None:
    """Export a model with its preprocessing, calibration and Grad-CAM maps, for other programs."""
    from xray.models.ensemble import load_model
    from xray.portable.onnx_file import onnx_file
    from xray.portable.page import write_page

    path = out or (None if page else Path(f"{model}.onnx"))
    try:
        exported = onnx_file(load_model(model))
        if path:
            path.write_bytes(exported.data)
        if page:
            write_page(exported, page)
    except XrayError as error:
        stop(error)
    except OSError as error:
        stop_unwritable(error, path)
    outputs = ", ".join(exported.facts["outputs"])
    typer.echo(f"{path or page}: outputs {outputs}; largest difference to PyTorch {exported.difference:.1g}")
    if page:
        typer.echo(f"Open http://localhost:8000 after: python -m http.server --directory {page}")


def _state(model: ModelEntry) -> str:
    from xray.models.registry import fetched_record

    if model.kind in ("bundled", "ensemble"):
        return model.kind
    return "fetched" if fetched_record(model) else "not fetched"
