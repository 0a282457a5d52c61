"""python -m xray neighbors | neighbors-bank | neighbors-figures: the training films nearest to a film."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from xray.cli.common import Json, app, say_remarks, stop
from xray.errors import XrayError

ModelId = Annotated[str, typer.Argument(help="Model id.")]


@app.command("neighbors")
def nearest_films(
    file: Annotated[Path, typer.Argument(help="A radiograph.")],
    model: Annotated[str | None, typer.Option(help="Model id; by default the first registered.")] = None,
    finding: Annotated[str | None, typer.Option(help="Finding; by default that of the answer.")] = None,
    n: Annotated[int, typer.Option("--number", "-n", min=1, help="Films of each answer.")] = 4,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also a film that the input gate refuses.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the training films nearest to a film, of the model's answer and of the other."""
    from dataclasses import asdict

    from xray.io import read_radiograph
    from xray.io.decode import content
    from xray.io.encode import remark_facts
    from xray.models.ensemble import model_of
    from xray.models.neighbors import comparison_sentence, distance_sentence, labels_of, neighbors
    from xray.pipeline import Request, analyze

    try:
        radiograph = read_radiograph(content(file), file.name)
        case = analyze(radiograph, Request(model, None, anyway=anyway, intervals=not as_json))
        chosen = model_of(case.prediction)
        of = chosen.entry.spelled(finding or case.answer.finding)
        found = neighbors(chosen, radiograph, of, case.prediction.at_operating_point(of), n)
    except XrayError as error:
        stop(error)
    if as_json:
        facts = {"file": radiograph.name, **remark_facts(case), "model_id": chosen.entry.id, **asdict(found)}
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    typer.echo(
        f"{radiograph.name}: {case.answer.statement} {of} is {case.prediction.side(of)} its operating point."
    )
    say_remarks(case)
    typer.echo("Most similar training films:")
    if found.trained_on:
        typer.echo(f"The model was trained on this film: {found.trained_on}")
    for title, films in found.titled:
        typer.echo(f"{title}{'' if films else ': no film'}")
        for film in films:
            typer.echo(f"  {film.name}: {labels_of(film)}; {distance_sentence(film)}")
    if compared := comparison_sentence(chosen.entry, of):
        typer.echo(compared)


@app.command("neighbors-bank")
def build_neighbors_bank(model: ModelId) -> None:
    """Build the bank of a model's training films, without the films themselves, and register it."""
    from xray.train.neighbor_bank import write_neighbor_bank

    try:
        bank = write_neighbor_bank(model)
    except XrayError as error:
        stop(error)
    typer.echo(f"{model}: {len(bank.names):,} training films, {bank.features.shape[1]} directions.")


@app.command("neighbors-figures")
def measure_neighbors(
    model: ModelId,
    split: Annotated[str | None, typer.Option(help="Split to use; by default test.")] = None,
    as_json: Json = False,
) -> None:
    """Measure how often the labels of the nearest training films agree with a film's label."""
    from xray.train.neighbor_bank import neighbor_figures

    try:
        figures = neighbor_figures(model, split)
    except XrayError as error:
        stop(error)
    if as_json:
        typer.echo(json.dumps(figures, indent=2))
        return
    typer.echo(
        f"{model}, {figures['split']}: agreement with the label, of the majority of the "
        f"{figures['neighbors']} nearest of {figures['training_films']:,} training films and of the model"
    )
    for finding, rows in figures["findings"].items():
        parts = [
            f"{name} {row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f})" for name, row in rows.items()
        ]
        typer.echo(f"{finding}: {', '.join(parts)}, n {rows['model']['n']}")
