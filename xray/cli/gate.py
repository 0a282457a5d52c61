"""python -m xray gate | gate-figures: run the input gate on films, and measure its accuracy."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xray.cli.common import Json, app, stop
from xray.errors import UnreadableImage, UnusableData, XrayError

if TYPE_CHECKING:
    from xray.models.registry import ModelEntry

Model = Annotated[str | None, typer.Option(help="Model id; by default the first of the registry.")]


@app.command("gate")
def check_folder(
    folder: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, help="Folder of films; subfolders are included.")
    ],
    model: Model = None,
    as_json: Json = False,
) -> None:
    """Report for every film of a folder whether the input gate accepts it, and why not."""
    from tqdm import tqdm

    from xray.io.folders import files_below
    from xray.models.registry import entry

    try:
        chosen = entry(model)
        films = files_below(folder)
        if not films:
            raise UnusableData(f"The folder {folder.name} contains no films.", hint="Choose another folder.")
        rows = [
            {"file": name, **_gate_result(folder / name, chosen)}
            for name in tqdm(films, unit="film", file=sys.stderr, disable=None)
        ]
    except XrayError as error:
        stop(error)
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for row in rows:
        result = f"{'accepted' if row['accepted'] else 'refused'}. {row['reason']}"
        typer.echo(f"{row['file']}: {result.strip()} {row['compared']}".strip())


def _gate_result(path: Path, chosen: ModelEntry) -> dict[str, str | bool | float | None]:
    from xray.io import read_radiograph
    from xray.io.decode import content
    from xray.models.gate import check_input

    try:
        result = check_input(read_radiograph(content(path), path.name), chosen)
    except UnreadableImage as error:
        return {
            "accepted": False,
            "reason": str(error),
            "kind": "unreadable",
            "familiarity": None,
            "compared": "",
        }
    return {
        "accepted": result.accepted,
        "reason": str(result),
        "kind": result.kind,
        "familiarity": result.familiarity,
        "compared": result.compared,
    }


@app.command("gate-bank")
def build_bank() -> None:
    """Build the feature bank of the input gate from its training films, and register it."""
    from xray.train.gate_bank import write_bank

    try:
        bank = write_bank()
    except XrayError as error:
        stop(error)
    for region, limit in zip(bank.regions, bank.limits.tolist(), strict=True):
        films = int((bank.region == bank.regions.index(region)).sum())
        typer.echo(f"{region}: {films} films, limit {limit:.3f}")


@app.command("gate-figures")
def measure_gate(
    model: Model = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Store the figures and write them to the gate's card.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Measure the gate on held-out films, corrupted films and other pictures, with 95% intervals."""
    from xray.models.registry import entry
    from xray.train.gate_figures import gate_figures, keep_figures

    try:
        figures = gate_figures(entry(model))
        if keep:
            keep_figures(figures)
    except XrayError as error:
        stop(error)
    if as_json:
        typer.echo(json.dumps(figures, indent=2))
        return
    for row in figures["reasons"] + figures["totals"]:
        of_limbs = "" if row["model_regions"] == ["chest"] else ", for a limb model"
        typer.echo(
            f"{row['refused']:4} of {row['n']:4} refused, {row['share']:6.1%} ({row['low']:.1%} to "
            f"{row['high']:.1%})  {row['reason']}{of_limbs}"
        )
