"""python -m xray train-lungs | lungs-figures: train and measure the lung segmentation network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from xray.cli.common import Json, app, stop
from xray.errors import XrayError


@app.command("train-lungs")
def train_lungs(
    workers: Annotated[int, typer.Option(min=0, help="Number of processes that prepare films.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Continue after the last complete epoch.")] = False,
    runs: Annotated[Path, typer.Option(help="Folder for the checkpoint.")] = Path("runs"),
) -> None:
    """Train the lung network and write its weights, registry entry, figures and card."""
    from xray.train.lungs.make import make

    try:
        _print(make(runs, resume=resume, workers=workers))
    except XrayError as error:
        stop(error)


@app.command("lungs-figures")
def measure_lungs(as_json: Json = False) -> None:
    """Measure the lung network on held-out films with masks, and on films without masks or lungs."""
    from xray.train.lungs.release import lungs_figures

    try:
        figures = lungs_figures()
    except XrayError as error:
        stop(error)
    if as_json:
        typer.echo(json.dumps(figures, indent=2))
    else:
        _print(figures)


def _print(figures: dict[str, Any]) -> None:
    from xray.train.bootstrap import Estimate

    for name, value in figures["test"]["metrics"].items():
        typer.echo(f"{name:12} {Estimate(**value)}, {figures['test']['n']} test films")
    for row in figures["elsewhere"]:
        typer.echo("{undetermined:6.1%} ({low:.1%} to {high:.1%}) of {n} undetermined: {films}".format(**row))
