"""python -m xray export | replay: export a film as report, DICOM and bundle; recompute a bundle."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from xray.cli.common import Json, app, stop, stop_unwritable
from xray.errors import XrayError


@app.command("export")
def export_film(
    film: Annotated[Path, typer.Argument(help="A radiograph.")],
    out: Annotated[Path, typer.Option(help="Folder for the files, named after the film.")],
    pdf: Annotated[bool, typer.Option("--pdf", help="Report of one or two pages.")] = False,
    html: Annotated[bool, typer.Option("--html", help="Report as one HTML file.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Report as text.")] = False,
    dicom: Annotated[bool, typer.Option("--dicom", help="Overlay, findings and map as DICOM.")] = False,
    bundle: Annotated[bool, typer.Option("--bundle", help="ZIP file for replay.")] = False,
    model: Annotated[str | None, typer.Option(help="Model id; by default the first registered.")] = None,
    by: Annotated[str, typer.Option("--method", help="Explanation method.")] = "gradcam",
    finding: Annotated[
        str | None, typer.Option(help="Finding to show; by default that of the answer.")
    ] = None,
    prompt: Annotated[str, typer.Option(help="What the report is to cover.")] = "",
    evidence: Annotated[bool, typer.Option("--evidence", help="Run every check of the map.")] = False,
    keep_uids: Annotated[
        bool, typer.Option("--keep-uids", help="DICOM: join the study of the film's file.")
    ] = False,
    without_pixels: Annotated[
        bool, typer.Option("--without-pixels", help="Bundle: leave the film out.")
    ] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Analyze the film even if the input gate refuses it.")
    ] = False,
) -> None:
    """Write the report, DICOM files and bundle of a film; without a choice of formats, all of them."""
    from xray.bundle.exports import dicom_files, offered
    from xray.evidence import checks_of
    from xray.io import read_radiograph
    from xray.io.decode import content
    from xray.io.result_files import short_stem
    from xray.models.ensemble import model_of
    from xray.pipeline import Request, analyze
    from xray.report import report

    named = {"pdf": pdf, "html": html, "markdown": markdown, "dicom": dicom, "bundle": bundle}
    wanted = {kind for kind, is_named in named.items() if is_named or not any(named.values())}
    try:
        data = content(film)
        radiograph = read_radiograph(data, film.name)
        case = analyze(radiograph, Request(model, by, finding, anyway=anyway))
        shown = model_of(case.prediction).entry.spelled(finding or case.answer.finding)
        done = list(checks_of(case, case.explanation(shown))) if evidence else []
        written = report(case, prompt=prompt, checks=done, checked=shown)
        files: dict[str, Callable[[], bytes]] = {
            offer.file: offer.make
            for offer in offered(case, written, done, shown, pixels=not without_pixels)
            if offer.kind in wanted - {"dicom"}
        }
        if "dicom" in wanted:
            pair = dicom_files(case, shown, data if keep_uids else None)
            files |= {f"{short_stem(film.name)}-{name}": partial(bytes, file) for name, file in pair.items()}
        out.mkdir(parents=True, exist_ok=True)
        for name, make in files.items():
            (out / name).write_bytes(make())
            typer.echo(str(out / name))
    except XrayError as error:
        stop(error)
    except OSError as error:
        stop_unwritable(error, out)


@app.command("replay")
def replay_bundle(
    file: Annotated[Path, typer.Argument(metavar="BUNDLE", help="ZIP file that export wrote.")],
    film: Annotated[Path | None, typer.Option(help="The film, if the bundle does not contain it.")] = None,
    as_json: Json = False,
) -> None:
    """Recompute the Case of a bundle. Exit code 1 if a figure differs by more than 1e-5, 2 on an error."""
    from xray.bundle import read_bundle, replay
    from xray.bundle.replay import TOLERANCE
    from xray.io import read_radiograph
    from xray.io.decode import content

    try:
        given = read_bundle(content(file), file.name)
        done = replay(given, read_radiograph(content(film), film.name) if film else None)
    except XrayError as error:
        stop(error)
    if as_json:
        differences = {
            name: value if math.isfinite(value) else None for name, value in done.differences.items()
        }
        facts = {
            "same": done.same,
            "tolerance": TOLERANCE,
            "differences": differences,
            "versions": done.versions,
        }
        typer.echo(json.dumps(facts, indent=2))
    else:
        for name, value in done.differences.items():
            shown = f"{value:.2g}" if math.isfinite(value) else "not equal"
            typer.echo(f"{name:14} {shown}")
        for name, (then, now) in done.versions.items():
            typer.echo(f"{name}: {then} in the bundle, {now} installed")
        largest = f"{done.largest:.2g}" if math.isfinite(done.largest) else "not equal"
        typer.echo(f"Largest difference: {largest} ({'the same' if done.same else 'not the same'})")
    if not done.same:
        raise typer.Exit(1)
