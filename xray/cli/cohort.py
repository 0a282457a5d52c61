"""python -m xray cohort: a whole folder of films as a table, with overlays on request."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from xray.cli.common import app, stop
from xray.errors import XrayError


class Engine(StrEnum):
    """What processes the films of a cohort."""

    LOCAL = "local"
    RAY = "ray"


@app.command("cohort")
def cohort(
    films: Annotated[str, typer.Argument(help="Folder, ZIP archive or CSV with a column path; or its URL.")],
    out: Annotated[Path, typer.Option(help="Folder for results.csv, results.parquet and overlays/.")],
    model: Annotated[str | None, typer.Option(help="Model id; by default the first registered.")] = None,
    finding: Annotated[str | None, typer.Option(help="Finding to draw; by default the most likely.")] = None,
    overlays: Annotated[bool, typer.Option("--overlays", help="Also a PNG for every film.")] = False,
    labels: Annotated[Path | None, typer.Option(help="CSV with path and labels, if not labels.csv.")] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Also films the input gate refuses.")] = False,
    engine: Annotated[Engine, typer.Option(help="This process, or Ray's workers.")] = Engine.LOCAL,
    workers: Annotated[int | None, typer.Option(min=1, help="With ray: by default one a core.")] = None,
    address: Annotated[str | None, typer.Option(help="With ray: a running cluster, as HOST:6379.")] = None,
) -> None:
    """Ask a model of every film of a folder; one that cannot be read or is refused gets its sentence.

    A run that was ended goes on where it stopped when it is asked for again.
    """
    from tqdm import tqdm

    from xray.cohort import Predictor, ray_engine, run
    from xray.cohort.exports import overlay_name
    from xray.cohort.labels import listed
    from xray.cohort.location import located
    from xray.cohort.parts import Parts
    from xray.cohort.table import counts
    from xray.io.files import content
    from xray.models.fallback import load_with_fallback
    from xray.pipeline import Request

    try:
        chosen, fallback = load_with_fallback(model)
        asked = chosen.entry.spelled(finding) if finding else None
        maps = "gradcam" if overlays else None
        predictor = Predictor(Request(model, maps, asked, anyway=anyway, intervals=False), overlays, False)
        if fallback:
            tqdm.write(fallback, file=sys.stderr)
        files, beside = located(films)
        known = listed([(labels.name, content(labels))]) if labels else beside
        with Parts(out, chosen.entry, predictor) as parts:
            left = parts.left(files)
            if len(left) < len(files):
                tqdm.write(
                    f"{len(files) - len(left)} of {len(files)} films were done before.", file=sys.stderr
                )
            waiting = [files[place] for place in left]
            rows = (
                enumerate(run(waiting, predictor))
                if engine is Engine.LOCAL
                else ray_engine.run(waiting, predictor, workers, address)
            )
            for index, row in tqdm(rows, total=len(waiting), unit="film", file=sys.stderr):
                if row.overlay:
                    (out / "overlays").mkdir(exist_ok=True)
                    (out / "overlays" / overlay_name(left[index] + 1, row.file)).write_bytes(row.overlay)
                parts.add(row)
            results = parts.finish(files, known)
    except XrayError as error:
        stop(error)
    except OSError as error:
        stop(
            XrayError(f"{error.filename or out} cannot be read or written.", "Check the path and its rights.")
        )
    told = counts(zip(results["state"].to_pylist(), results["duplicate_of"].to_pylist(), strict=True))
    typer.echo(f"{len(files)} files: " + ", ".join(f"{number} {what}" for what, number in told.items()) + ".")
