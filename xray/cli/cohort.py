"""python -m xray cohort: analyze a folder of films and write a table."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from xray.cli.cohort_slices import print_slices, print_zones
from xray.cli.common import Keep, app, keeper_of, stop, stop_if_not_kept
from xray.errors import XrayError


class Engine(StrEnum):
    """Where films are analyzed."""

    LOCAL = "local"
    RAY = "ray"


@app.command("cohort")
def cohort(
    films: Annotated[
        str,
        typer.Argument(
            help="Folder, ZIP archive or CSV with a column path; or its URL; or dicomweb://HOST/PATH?KEYWORD=VALUE."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder for results.csv, results.parquet and overlays/.")],
    model: Annotated[str | None, typer.Option(help="Model id; by default the first registered.")] = None,
    finding: Annotated[
        str | None, typer.Option(help="Finding to draw and to check; by default that of the answer.")
    ] = None,
    overlays: Annotated[bool, typer.Option("--overlays", help="Also write a PNG for every film.")] = False,
    labels: Annotated[
        Path | None,
        typer.Option(help="CSV or TSV with the columns path and labels; by default labels.csv."),
    ] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also analyze films that the input gate refuses.")
    ] = False,
    evidence: Annotated[
        bool,
        typer.Option("--evidence", help="Also check the map of each film, which takes seconds per film."),
    ] = False,
    engine: Annotated[Engine, typer.Option(help="Run in this process or on Ray's workers.")] = Engine.LOCAL,
    workers: Annotated[
        int | None, typer.Option(min=1, help="With ray: number of workers; by default one per core.")
    ] = None,
    address: Annotated[
        str | None, typer.Option(help="With ray: address of a running cluster, as HOST:6379.")
    ] = None,
    zones: Annotated[
        bool,
        typer.Option("--zones", help="Also write the share of each map's evidence by lung zone."),
    ] = False,
    by: Annotated[
        list[str] | None,
        typer.Option(
            help="Also compare the films by a column of the labels (age, for example) or a DICOM attribute "
            "(PatientSex); can be repeated."
        ),
    ] = None,
    keep: Keep = False,
) -> None:
    """Analyze every film of a folder and write one row per file, also for files that cannot be analyzed.

    Run the same command again to continue an interrupted run.
    """
    from tqdm import tqdm

    from xray.cohort import Predictor, ray_engine, run
    from xray.cohort.attributes import chosen_column
    from xray.cohort.location import located
    from xray.cohort.parts import Parts
    from xray.cohort.record import keep_row
    from xray.cohort.slice_table import default_finding
    from xray.cohort.table import counts, overlay_name
    from xray.models.fallback import load_with_fallback
    from xray.models.registry import analysis_entry
    from xray.pipeline import Request

    keeper = keeper_of(keep)
    try:
        chosen, fallback = load_with_fallback(analysis_entry(model).id)
        requested = chosen.entry.spelled(finding) if finding else None
        if zones and not requested:
            requested = default_finding(chosen.entry.findings)
        maps = "gradcam" if overlays or evidence or zones else None
        files, known = located(films, labels)
        columns = [chosen_column(name, known.columns) for name in by or ()]
        predictor = Predictor(
            Request(model, maps, requested, anyway=anyway, intervals=False),
            overlays,
            keeper.enabled,
            evidence,
            tuple(column for column in columns if column not in known.columns),
        )
        if fallback:
            tqdm.write(fallback, file=sys.stderr)
        if note := known.note(chosen.entry.findings):
            tqdm.write(note, file=sys.stderr)
        with Parts(out, chosen.entry, predictor) as parts:
            left = parts.left(files)
            if len(left) < len(files):
                tqdm.write(
                    f"{len(files) - len(left)} of {len(files)} films are already done.", file=sys.stderr
                )
            waiting = [files[place] for place in left]
            rows = (
                enumerate(run(waiting, predictor))
                if engine is Engine.LOCAL
                else ray_engine.run(waiting, predictor, workers, address)
            )
            for index, row in tqdm(rows, total=len(waiting), unit="film", file=sys.stderr, disable=None):
                if row.overlay:
                    (out / "overlays").mkdir(exist_ok=True)
                    (out / "overlays" / overlay_name(left[index] + 1, row.file)).write_bytes(row.overlay)
                parts.add(row)
                keep_row(keeper, chosen.entry, row)
            results = parts.finish(files, known)
        if zones:
            print_zones(results, known, requested or "", chosen.entry.findings)
        if columns:
            print_slices(results, known, requested or default_finding(chosen.entry.findings), columns, out)
    except XrayError as error:
        stop(error)
    except OSError as error:
        stop(
            XrayError(
                f"{error.filename or out} cannot be read or written.", "Check the path and its permissions."
            )
        )
    by_state = counts(zip(results["state"].to_pylist(), results["duplicate_of"].to_pylist(), strict=True))
    typer.echo(
        f"{len(files)} files: " + ", ".join(f"{number} {what}" for what, number in by_state.items()) + "."
    )
    if len(known):
        listed = [results[name].to_pylist() for name in results.column_names if name.startswith("label: ")]
        with_labels = sum(any(value is not None for value in row) for row in zip(*listed, strict=True))
        typer.echo(
            f'{with_labels} of {len(files)} files have a label, in the columns that begin with "label: ". '
            "The Cohort page and `python -m xray evaluate` compare them with the predictions."
        )
    stop_if_not_kept(keeper)
