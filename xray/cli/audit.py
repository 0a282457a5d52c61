"""python -m xray audit: whether a model can be relied on at all."""

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
    folder: Annotated[Path, typer.Argument(help="Films, best with labels.csv or one folder per finding.")],
    limit: Annotated[int, typer.Option(min=1, help="Films to use, evenly from the folder.")] = 64,
    as_json: Json = False,
) -> None:
    """Look for faults that make a model useless: constant, biased, too sure, fragile, wrong input."""
    from tqdm import tqdm

    from xray.audit import ask, judge
    from xray.io import read_radiograph
    from xray.models.ensemble import load_model

    try:
        classifier = load_model(model)
        listed = _evenly(_films_in(folder, classifier.entry), limit)
        asked = []
        for path, labels in tqdm(listed, unit="film", file=sys.stderr, disable=None):
            try:
                radiograph = read_radiograph(path.read_bytes(), path.name)
            except OSError:
                say(UnreadableImage(f"{path.name} cannot be opened.", hint="Check the path and its rights."))
            except XrayError as error:
                say(error)
            else:
                asked.append(ask(classifier, radiograph, labels))
        if not asked:
            raise UnusableData(
                f"{folder.name or folder} holds no film that can be read.",
                hint="Give a folder of radiographs: DICOM, PNG, JPEG, TIFF, BMP or WebP.",
            )
        results = judge(classifier, asked)
    except XrayError as error:
        stop(error)
    n = len({film.sha256 for film in asked})
    if as_json:
        checks = [dataclasses.asdict(result) for result in results]
        typer.echo(json.dumps({"model": model, "n": n, "checks": checks}, indent=2, ensure_ascii=False))
        return
    typer.echo(f"{model} on {folder.name} (n = {n})")
    for result in results:
        typer.echo(f"{result.verdict:17}{result.title} {result.why}")


def _films_in(folder: Path, entry: ModelEntry) -> Listed:
    """The labeled films, if the labels are this model's: of split test where there is one. Else all files."""
    from xray.train.evaluate import films_of_split
    from xray.train.film import SUFFIXES, plain

    names = {plain(finding): finding for finding in entry.findings}
    try:
        _, films = films_of_split(folder, None, entry.test_share)
    except UnusableData:
        films = []
    if any(name in film.labels for film in films for name in names):
        return [
            (film.path, frozenset(spelled for name, spelled in names.items() if name in film.labels))
            for film in films
        ]
    return [
        (path, None)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix.lower() in {*SUFFIXES, ""} and not path.name.startswith(".")
    ]


def _evenly(listed: Listed, limit: int) -> Listed:
    import numpy as np

    chosen = np.linspace(0, len(listed) - 1, min(limit, len(listed))).round().astype(int)
    return [listed[index] for index in chosen]
