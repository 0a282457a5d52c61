"""python -m xray cohort: a whole folder of films as a table, with overlays on request."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from xray.cli.common import app, content, stop
from xray.cohort import File, Predictor, Row, films_of, folder, run
from xray.cohort.exports import overlay_name
from xray.cohort.labels import Labels, listed, of_folder
from xray.cohort.table import Results, counts
from xray.errors import XrayError
from xray.models.fallback import load_with_fallback
from xray.pipeline import Request


@app.command("cohort")
def cohort(
    films: Annotated[Path, typer.Argument(help="Folder, read with its subfolders, or a ZIP archive.")],
    out: Annotated[Path, typer.Option(help="Folder for results.csv, results.parquet and overlays/.")],
    model: Annotated[str | None, typer.Option(help="Model id; by default the first registered.")] = None,
    finding: Annotated[str | None, typer.Option(help="Finding to draw; by default the most likely.")] = None,
    overlays: Annotated[bool, typer.Option("--overlays", help="Also a PNG for every film.")] = False,
    labels: Annotated[Path | None, typer.Option(help="CSV with path and labels, if not labels.csv.")] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Also films the input gate refuses.")] = False,
) -> None:
    """Ask a model of every film of a folder; one that cannot be read or is refused gets its sentence."""
    try:
        chosen, fallback = load_with_fallback(model)
        asked = chosen.entry.spelled(finding) if finding else None
        maps = "gradcam" if overlays else None
        request = Request(model, maps, asked, anyway=anyway, intervals=False)
        if fallback:
            tqdm.write(fallback, file=sys.stderr)
        with _opened(films) as (files, beside):
            known = listed([(labels.name, content(labels))]) if labels else beside
            with Results(out, chosen.entry, known) as results:
                rows = run(files, Predictor(request, overlay=overlays, thumbnails=False))
                shown = tqdm(rows, total=len(files), unit="film", file=sys.stderr)
                told = counts(_written(shown, results, out / "overlays"))
    except XrayError as error:
        stop(error)
    except OSError as error:
        stop(
            XrayError(f"{error.filename or out} cannot be read or written.", "Check the path and its rights.")
        )
    typer.echo(f"{len(files)} files: " + ", ".join(f"{number} {what}" for what, number in told.items()) + ".")


@contextmanager
def _opened(films: Path) -> Iterator[tuple[list[File], Labels]]:
    """The files of a folder or an archive, and the labels that lie with them."""
    if not films.is_file():
        yield folder(films), of_folder(films)
        return
    with films.open("rb") as stream:
        files, lists = films_of([(films.name, stream)])
        yield files, listed(lists)


def _written(rows: Iterable[Row], results: Results, overlays: Path) -> Iterator[Row]:
    for number, row in enumerate(rows, 1):
        results.add(row)
        if row.overlay:
            overlays.mkdir(exist_ok=True)
            (overlays / overlay_name(number, row.file)).write_bytes(row.overlay)
        yield row
