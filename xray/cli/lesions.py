"""python -m xray evaluate-lesions: whether a model finds a lesion whose place is known."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from xray.cli.common import Data, Json, app, stop
from xray.errors import XrayError


@app.command("evaluate-lesions")
def evaluate_lesions(
    model: Annotated[str, typer.Argument(help="Model id.")],
    finding: Annotated[str, typer.Option(help="The finding that the lesion should raise.")] = "Pneumonia",
    data: Data = None,
    split: Annotated[str | None, typer.Option(help="Split to use; by default test.")] = None,
    kind: Annotated[str, typer.Option(help="Kind of lesion; `disc` is not used in training.")] = "disc",
    keep: Annotated[bool, typer.Option("--keep", help="Add the figures to the model's card.")] = False,
    as_json: Json = False,
) -> None:
    """Insert a lesion into normal films and measure the prediction and the heatmap, with 95% intervals."""
    from xray.models.ensemble import load_model
    from xray.train.bootstrap import Estimate
    from xray.train.evaluate import films_to_measure
    from xray.train.lesion_figures import keep_figures, lesion_figures

    try:
        loaded = load_model(model)
        _, films = films_to_measure(loaded.entry, data, split)
        figures = lesion_figures(loaded, films, finding, kind)
        if keep:
            keep_figures(loaded.entry, figures)
    except XrayError as error:
        stop(error)
    if as_json:
        typer.echo(json.dumps(figures, indent=2))
        return
    for collection, part in figures["collections"].items():
        typer.echo(f"{collection or 'all films'}, n = {part['n']}")
        for name, value in part["metrics"].items():
            typer.echo(f"  {name:24} {Estimate(**value)}")
