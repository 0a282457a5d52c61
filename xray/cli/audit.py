"""python -m xray audit: look for faults that make a model unusable."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xray.cli.common import Json, app, say, stop
from xray.errors import UnreadableImage, UnusableData, XrayError

if TYPE_CHECKING:
    from xray.models.registry import ModelEntry

Listed = list[tuple[Path, frozenset[str] | None]]


@app.command("audit")
def audit_model(
    model: Annotated[str, typer.Argument(help="Model id.")],
    folder: Annotated[
        Path, typer.Argument(help="Folder of films, if possible with labels.csv or one folder per finding.")
    ],
    limit: Annotated[int, typer.Option(min=1, help="Number of films, taken evenly from the folder.")] = 64,
    as_json: Json = False,
) -> None:
    """Check a model for constant, biased, overconfident or unstable predictions and for wrong input."""
    from tqdm import tqdm

    from xray.audit import collect, evaluate
    from xray.io import read_radiograph
    from xray.models.ensemble import load_model

    try:
        classifier = load_model(model)
        listed = _evenly(_films_in(folder, classifier.entry), limit)
        predictions = []
        for path, labels in tqdm(listed, unit="film", file=sys.stderr, disable=None):
            try:
                radiograph = read_radiograph(path.read_bytes(), path.name)
            except OSError:
                say(
                    UnreadableImage(
                        f"{path.name} cannot be opened.", hint="Check the path and its permissions."
                    )
                )
            except XrayError as error:
                say(error)
            else:
                predictions.append(collect(classifier, radiograph, labels))
        if not predictions:
            raise UnusableData(
                f"{folder.name or folder} contains no readable film.",
                hint="Give a folder of radiographs: DICOM, PNG, JPEG, TIFF, BMP or WebP.",
            )
        results = evaluate(classifier, predictions)
    except XrayError as error:
        stop(error)
    n = len({film.sha256 for film in predictions})
    if as_json:
        checks = [dataclasses.asdict(result) for result in results]
        typer.echo(json.dumps({"model": model, "n": n, "checks": checks}, indent=2, ensure_ascii=False))
        return
    typer.echo(f"{model} on {folder.name} (n = {n})")
    for result in results:
        typer.echo(f"{result.verdict:17}{result.title} {result.why}")


def _films_in(folder: Path, entry: ModelEntry) -> Listed:
    """The labeled films of the test split or, if no label is a finding of the model, all films."""
    from xray.io.folders import files_below, is_film_file
    from xray.train.data import has_list
    from xray.train.evaluate import films_of_split
    from xray.train.targets import targets

    try:
        _, films = films_of_split(folder, None, entry.test_share)
    except UnusableData:
        if has_list(folder):
            raise
        films = []
    present = targets(films, entry.findings) == 1
    if present.any():
        return [
            (film.path, frozenset(name for name, shown in zip(entry.findings, row, strict=True) if shown))
            for film, row in zip(films, present, strict=True)
        ]
    return [(folder / name, None) for name in files_below(folder) if is_film_file(folder / name)]


def _evenly(listed: Listed, limit: int) -> Listed:
    import numpy as np

    chosen = np.linspace(0, len(listed) - 1, min(limit, len(listed))).round().astype(int)
    return [listed[index] for index in chosen]
