"""python -m xray train | card | ablate | evaluate | evaluate-lesions: train and measure models."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from xray.cli.common import Data, Json, app, stop
from xray.errors import InvalidRequest, XrayError

if TYPE_CHECKING:
    from xray.types import Radiograph


@app.command("train")
def train_model(
    name: Annotated[str, typer.Argument(help="Name of a recipe, for example pneumonia-mobilenet.")],
    data: Data = None,
    extra: Annotated[Path | None, typer.Option(help="Folder of additional training films.")] = None,
    init: Annotated[
        Path | None, typer.Option(help="Initial weights; by default those of the recipe.")
    ] = None,
    model_id: Annotated[
        str | None, typer.Option("--id", help="Id of the new model, if trained on your own data.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Number of epochs of the last stage.")] = None,
    imgsz: Annotated[int | None, typer.Option(min=32, help="Side of the network input in pixels.")] = None,
    device: Annotated[Literal["cpu", "cuda", "mps"], typer.Option(help="Device for training.")] = "cpu",
    workers: Annotated[int, typer.Option(min=0, help="Number of processes that load films.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Continue after the last complete epoch.")] = False,
    runs: Annotated[Path, typer.Option(help="Folder for checkpoints.")] = Path("runs"),
) -> None:
    """Train a model and write its weights, registry entry, figures and card.

    Several GPUs: torchrun --nproc-per-node N -m xray train NAME --device cuda.
    """
    from xray.train.make import make
    from xray.train.recipes import recipe

    try:
        chosen = recipe(name)
        if epochs:
            last = dataclasses.replace(chosen.stages[-1], epochs=epochs)
            chosen = dataclasses.replace(chosen, stages=(*chosen.stages[:-1], last))
        if imgsz:
            chosen = dataclasses.replace(chosen, input_size=imgsz)
        figures = make(
            chosen.renamed(model_id, data.name if data else chosen.name) if model_id else chosen,
            runs,
            data=data,
            extra=extra,
            init=init,
            device=device,
            resume=resume,
            workers=workers,
        )
    except XrayError as error:
        stop(error)
    if figures:
        _print_metrics(figures["test"]["metrics"])


@app.command("card")
def rewrite_cards(
    names: Annotated[list[str], typer.Argument(help="Model ids.")],
) -> None:
    """Regenerate model cards from the stored figures, without measuring again."""
    from xray.settings import settings
    from xray.train.recipes import recipe
    from xray.train.release import rewrite_card

    try:
        for name in names:
            typer.echo(settings().weights_dir / rewrite_card(recipe(name)).card)
    except XrayError as error:
        stop(error)


@app.command("ablate")
def ablate_recipe(
    name: Annotated[
        str, typer.Argument(help="Name of a recipe whose first stage uses labels and a teacher.")
    ],
    data: Data = None,
    epochs: Annotated[int, typer.Option(min=1, help="Number of epochs of the first stage.")] = 8,
    device: Annotated[Literal["cpu", "cuda", "mps"], typer.Option(help="Device for training.")] = "cpu",
    workers: Annotated[int, typer.Option(min=0, help="Number of processes that load films.")] = 0,
    runs: Annotated[Path, typer.Option(help="Folder for checkpoints.")] = Path("runs"),
    as_json: Json = False,
) -> None:
    """Train a recipe's first stage with and without its teacher and write the difference to its card."""
    from xray.train.ablation import ablate
    from xray.train.recipes import recipe

    try:
        found = ablate(recipe(name), runs, data=data, epochs=epochs, device=device, workers=workers)
    except XrayError as error:
        stop(error)
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    for variant, metrics in found["metrics"].items():
        typer.echo(f"{variant} (validation, n = {found['n']}, {epochs} epochs at {found['size']} px)")
        _print_metrics(metrics)


@app.command("evaluate")
def evaluate_model(
    model: Annotated[str, typer.Argument(help="Model id.")],
    data: Data = None,
    split: Annotated[
        str | None, typer.Option(help="Split to use; by default test, or all if there is none.")
    ] = None,
    shrink: Annotated[
        int | None, typer.Option(min=8, help="Downscale every film to this many pixels first.")
    ] = None,
    unmarked: Annotated[
        bool,
        typer.Option("--without-markers", help="Remove letters, rings and wires from every film first."),
    ] = False,
    external: Annotated[
        str | None,
        typer.Option(help="Add the figures to the model's card, as those of a new collection of this name."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure a model on labeled films, with 95% confidence intervals over patients."""
    from xray.imaging.markers import without_markers
    from xray.imaging.transforms import downsampled
    from xray.models.ensemble import load_model
    from xray.train.data import comparable
    from xray.train.evaluate import films_to_measure, measure
    from xray.train.external import add_external

    def changed(film: Radiograph) -> Radiograph:
        film = without_markers(film) if unmarked else film
        return downsampled(film, shrink) if shrink else film

    try:
        if external is not None:
            if data is None or shrink or unmarked:
                raise InvalidRequest(
                    "--external needs --data and unchanged films.",
                    hint="Give the folder of the collection, without --shrink and --without-markers.",
                )
            _print_figures(add_external(model, external, data, split), as_json)
            return
        classifier = load_model(model)
        chosen, films = films_to_measure(classifier.entry, data, split)
        if data:
            entry = classifier.entry
            films = comparable(films, entry.findings, several=entry.activation == "sigmoid")
        figures = measure(classifier, chosen, films, changed)
    except XrayError as error:
        stop(error)
    _print_figures(figures, as_json)


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
        _print_metrics(part["metrics"], indent="  ", width=24)


def _print_figures(figures: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(figures, indent=2))
        return
    typer.echo(f"{figures['model']} ({figures['split']}, n = {figures['n']})")
    _print_metrics(figures["metrics"])


def _print_metrics(metrics: dict[str, dict[str, float]], indent: str = "", width: int = 18) -> None:
    from xray.train.bootstrap import Estimate

    for name, value in metrics.items():
        typer.echo(f"{indent}{name:{width}} {Estimate(**value)}")
