"""The terminal: python -m xray analyze | train | evaluate.

What only training needs is imported by its commands, so that analyze answers a second sooner.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import typer
from tqdm import tqdm

from xray import NOTICE
from xray.errors import UnreadableImage, XrayError
from xray.explain.overlay import Drawing, draw
from xray.io import read_radiograph
from xray.io.encode import case_facts, case_json, png
from xray.models.classifier import load_classifier
from xray.pipeline import Request, analyze
from xray.settings import settings
from xray.types import Case

app = typer.Typer(no_args_is_help=True, add_completion=False, help=f"Explain X-ray models. {NOTICE}")

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


def say(error: XrayError) -> None:
    tqdm.write(str(error), file=sys.stderr)


def stop(error: XrayError) -> NoReturn:
    say(error)
    raise typer.Exit(2)


@app.command("analyze")
def analyze_files(
    files: Annotated[list[Path], typer.Argument(help="Radiographs: DICOM, PNG, JPEG, TIFF, BMP or WebP.")],
    model: Annotated[str | None, typer.Option(help="Model id; by default the first of the registry.")] = None,
    finding: Annotated[str | None, typer.Option(help="Finding to draw; by default the most likely.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for STEM-overlay.png and STEM.json.")] = None,
    as_json: Json = False,
) -> None:
    """Say what a model sees in each film and where it looked. Exit code 1 if any file could not be read."""
    try:
        entry = load_classifier(model).entry
        asked = entry.spelled(finding) if finding else None
    except XrayError as error:
        stop(error)
    facts: list[dict[str, Any]] = []
    failed = 0
    stems: list[str] = []
    for path in tqdm(files, unit="film", disable=len(files) == 1, file=sys.stderr):
        try:
            case = analyze(read_radiograph(_content(path), path.name), Request(entry.id))
        except XrayError as error:
            say(error)
            failed += 1
            continue
        shown = asked or case.prediction.most_likely
        if out:
            stems.append(path.stem)
            again = stems.count(path.stem)
            _write(case, shown, out, path.stem if again == 1 else f"{path.stem}-{again}")
        if as_json:
            facts.append(case_facts(case))
        else:
            tqdm.write(_line(case, shown), file=sys.stdout)
    if as_json:
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
    if failed:
        raise typer.Exit(1)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableImage(
            f"{path.name} cannot be opened.", hint="Check the path and its rights."
        ) from error


def _line(case: Case, finding: str) -> str:
    said, explanation = case.prediction, case.explanation(finding)
    index = said.findings.index(finding)
    looked = "no positive evidence in the heatmap"
    if explanation.has_positive_evidence:
        looked = "strongest evidence at x {:.0f}, y {:.0f}".format(*explanation.peak)
    return (
        f"{case.radiograph.name}: {finding} {said.probabilities[index]:.1%}, "
        f"{said.side(finding)} its operating point of {said.thresholds[index]:.1%}; {looked}"
    )


def _write(case: Case, finding: str, out: Path, stem: str) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{stem}-overlay.png").write_bytes(png(draw(case, finding, Drawing()), case, finding))
    (out / f"{stem}.json").write_text(case_json(case) + "\n", encoding="utf-8")


@app.command("train")
def train_model(
    name: Annotated[str, typer.Argument(help="Recipe, for example pneumonia-mobilenet.")],
    data: Annotated[Path | None, typer.Option(help="Labeled films; by default the recipe's own set.")] = None,
    init: Annotated[Path | None, typer.Option(help="Starting weights; by default the recipe's own.")] = None,
    model_id: Annotated[str | None, typer.Option("--id", help="Id of a model of your own films.")] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Epochs of the last stage.")] = None,
    device: Annotated[Literal["cpu", "cuda", "mps"], typer.Option(help="Where to train.")] = "cpu",
    workers: Annotated[int, typer.Option(min=0, help="Processes that prepare films.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last whole epoch.")] = False,
    runs: Annotated[Path, typer.Option(help="Folder for checkpoints.")] = Path("runs"),
) -> None:
    """Train a model and write its weights, registry entry, figures and card."""
    from xray.train.make import make
    from xray.train.recipes import recipe

    try:
        chosen = recipe(name)
        if epochs:
            last = dataclasses.replace(chosen.stages[-1], epochs=epochs)
            chosen = dataclasses.replace(chosen, stages=(*chosen.stages[:-1], last))
        shared = settings().shared_dir
        films = data or shared / chosen.data
        figures = make(
            chosen.renamed(model_id, films.name) if model_id else chosen,
            films,
            init or shared / chosen.init,
            runs,
            device=device,
            resume=resume,
            workers=workers,
        )
    except XrayError as error:
        stop(error)
    _print_metrics(figures["test"]["metrics"])


@app.command("evaluate")
def evaluate_model(
    model: Annotated[str, typer.Argument(help="Model id.")],
    data: Annotated[Path, typer.Option(help="Folder of labeled films.")],
    split: Annotated[str | None, typer.Option(help="Split to use; by default test, else all.")] = None,
    as_json: Json = False,
) -> None:
    """Measure a model on labeled films, each figure with a 95% confidence interval over patients."""
    from xray.train.evaluate import films_of_split, measure

    try:
        figures = measure(load_classifier(model), *films_of_split(data, split))
    except XrayError as error:
        stop(error)
    if as_json:
        typer.echo(json.dumps(figures, indent=2))
    else:
        typer.echo(f"{figures['model']} on {data.name} ({figures['split']}, n = {figures['n']})")
        _print_metrics(figures["metrics"])


def _print_metrics(metrics: dict[str, dict[str, float]]) -> None:
    from xray.train.metrics import Estimate

    for name, value in metrics.items():
        typer.echo(f"{name:12} {Estimate(**value)}")
