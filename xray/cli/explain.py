"""python -m xray explain | evaluate-explanations: heatmaps, and checks of their reliability."""

from __future__ import annotations

import json
import math
import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xray.cli.common import Data, Json, Keep, app, keeper_of, say_remarks, stop, stop_if_not_kept
from xray.errors import InvalidRequest, XrayError

if TYPE_CHECKING:
    from xray.evidence.context import Box
    from xray.types import Check, Radiograph


@app.command("explain")
def explain_file(
    file: Annotated[Path, typer.Argument(help="A radiograph.")],
    model: Annotated[str | None, typer.Option(help="Model id; by default the first registered.")] = None,
    by: Annotated[
        str | None, typer.Option("--method", help="Explanation method; by default gradcam.")
    ] = None,
    finding: Annotated[str | None, typer.Option(help="Finding; by default that of the answer.")] = None,
    map_file: Annotated[
        Path | None,
        typer.Option("--map", help="A map of the film from another program: NPY, or gray PNG."),
    ] = None,
    map_scale: Annotated[
        tuple[float, float] | None,
        typer.Option(metavar="BLACK WHITE", help="Values of black and white of a PNG map, such as 0 1."),
    ] = None,
    box: Annotated[
        list[str] | None,
        typer.Option(help="With --evidence: where the finding is, LEFT,TOP,RIGHT,BOTTOM in pixels."),
    ] = None,
    evidence: Annotated[bool, typer.Option("--evidence", help="Run all checks of the heatmap.")] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also analyze a film that the input gate refuses.")
    ] = False,
    keep: Keep = False,
    as_json: Json = False,
) -> None:
    """Explain a finding of a film, or take its map from a file, and, on request, check the heatmap."""
    from xray.evidence import CHECKS, MARKS, checks_of, outcome, verdict_of
    from xray.explain import method_of
    from xray.io import read_radiograph
    from xray.io.decode import content
    from xray.io.encode import check_facts, map_file_facts, remark_facts, verdict_facts
    from xray.io.map_files import read_map
    from xray.models.ensemble import model_of
    from xray.pipeline import Request, with_external_map
    from xray.types import BETWEEN

    keeper = keeper_of(keep)
    try:
        rectangles = _boxes(box or [])
        if (map_file and by) or (map_scale and not map_file):
            raise InvalidRequest("A map comes from a method or from a file.", "Give --method or --map.")
        if rectangles and not evidence:
            raise InvalidRequest("A box is used by the checks only.", "Add --evidence.")
        read = read_map(content(map_file), map_file.name, map_scale) if map_file else None
        radiograph = read_radiograph(content(file), file.name)
        _require_inside(rectangles, radiograph)
        method = None if map_file else by or "gradcam"
        case = keeper.analyze(radiograph, Request(model, method, finding, anyway=anyway))
        chosen = model_of(case.prediction).entry.spelled(finding or case.answer.finding)
        if read:
            case = with_external_map(case, *read, chosen)
        map_of = case.explanation(chosen)
        running = checks_of(case, map_of, rectangles) if evidence else ()
    except XrayError as error:
        stop(error)
    facts: dict[str, Any] = {
        "file": radiograph.name,
        **remark_facts(case),
        "model_id": case.prediction.model_id,
        "method": map_of.method,
        "map_file": map_of.file and map_file_facts(map_of.file),
        "layer": map_of.layer,
        "finding": chosen,
        "raw_max": map_of.raw_max,
        "peak": list(map_of.peak) if map_of.has_positive_evidence else None,
        "lungs": case.lungs
        and {
            "problem": case.lungs.problem,
            "shares": case.lungs.shares(map_of),
            "between": case.lungs.region_shares(map_of).get(BETWEEN),
        },
        "checks": [],
        "verdict": None,
    }
    if not as_json:
        place = "no positive evidence"
        if map_of.has_positive_evidence:
            place = "highest at x {:.0f}, y {:.0f}".format(*map_of.peak)
        typer.echo(f"{radiograph.name}: {method_of(map_of).title} of {chosen}, {place}")
        say_remarks(case)
        if map_of.file and map_of.file.note:
            typer.echo(map_of.file.note)
        if case.lungs:
            shares = sorted(case.lungs.region_shares(map_of).items(), key=lambda zone: -zone[1])
            zones = ", ".join(f"{name} {share:.0%}" for name, share in shares)
            typer.echo(f"Evidence by lung zone: {zones or case.lungs.problem or 'none'}")
    done: list[Check] = []
    for check in running:
        done.append(check)
        facts["checks"].append(check_facts(check))
        if not as_json:
            typer.echo(
                f"{MARKS[check.verdict]} {CHECKS[check.name].question} {outcome(check.name, check.verdict)}, "
                f"{check.seconds:.1f} s"
            )
            typer.echo(f"  {check.why}")
    if done:
        verdict = verdict_of(map_of, done)
        facts["verdict"] = verdict_facts(verdict)
        if not as_json:
            typer.echo(f"Map: {verdict.support}. {verdict.reason} {verdict.rates}".rstrip())
    if as_json:
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
    if done:
        keeper.keep(case, map_of, done)
    stop_if_not_kept(keeper)


@app.command("evaluate-explanations")
def evaluate_explanations(
    model: Annotated[str, typer.Argument(help="Model id.")],
    data: Data = None,
    boxes: Annotated[
        Path | None,
        typer.Option(help="List of boxes of the findings: a CSV, or its name in the folder of the films."),
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="Split to use; by default test, for limits validation.")
    ] = None,
    by: Annotated[
        list[str] | None, typer.Option("--method", help="Methods; by default all with a single pass.")
    ] = None,
    checks: Annotated[list[str] | None, typer.Option("--check", help="Checks; by default all.")] = None,
    films: Annotated[
        int | None, typer.Option(min=2, help="Number of films, taken evenly; by default all.")
    ] = None,
    limits: Annotated[
        bool, typer.Option("--limits", help="Measure the limits of the checks on validation films.")
    ] = False,
    measured: Annotated[
        Path | None,
        typer.Option(help="With --limits: file of the films measured so far, which is continued."),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Store the results beside the weights, for the pages.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Run all checks on a model's explanations of many films, with 95% confidence intervals."""
    import numpy as np

    from xray.evidence import CHECKS
    from xray.evidence.limits import kept, limits_file, study_file
    from xray.explain import METHODS
    from xray.io.box_lists import ListedBox, boxes_of
    from xray.models.ensemble import load_model
    from xray.train.evaluate import films_to_measure
    from xray.train.explanations import limits_on, study
    from xray.train.known_evidence import DEFAULT_FILMS

    try:
        for name in checks or ():
            CHECKS[name]  # raises an error for an unknown name
        classifier = load_model(model)
        entry = classifier.entry
        if limits:
            split = split or ("all" if data else "validation")
        split, some = films_to_measure(entry, data, split)
        marked: dict[Path, list[ListedBox]] = {}
        if boxes:
            listed = data / boxes if data and (data / boxes).is_file() else boxes
            marked = boxes_of(listed, [film.path for film in some])
            some = [film for film in some if film.path in marked]
        if films and not limits and len(some) > films:
            some = [some[round(place)] for place in np.linspace(0, len(some) - 1, films)]
        results = (
            limits_on(classifier, some, by or (), films or DEFAULT_FILMS, measured)
            if limits
            else study(classifier, some, marked, by or (), checks or ())
        )
    except XrayError as error:
        stop(error)
    command = re.sub(r" --measured[ =]('[^']*'|\S+)", "", shlex.join(sys.argv[1:]))  # a file of this computer
    results |= {"split": split, "command": f"python -m xray {command}"}
    if keep:
        path = limits_file(entry.id) if limits else study_file(entry.id)
        if limits:
            results["limits"] = kept(path, entry.sha256).get("limits", {}) | results["limits"]
        path.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(results, indent=2))
        return
    for name, figures in results["limits" if limits else "methods"].items():
        typer.echo(METHODS[name].title if name in METHODS else "All methods")
        for check, figure in figures.items():
            typer.echo(f"  {check:14} " + (_limit(figure) if limits else _row(figure)))


def _limit(figure: dict[str, float]) -> str:
    median = f" (median of meaningless maps {figure['median']:.3f})" if "median" in figure else ""
    return f"{figure['limit']:.3f}{median}"


def _row(figures: dict[str, dict[str, float]]) -> str:
    values = (
        f"{key} {value['value']:.2f} ({value['low']:.2f} to {value['high']:.2f})"
        for key, value in figures.items()
    )
    return "; ".join(values)


def _boxes(given: list[str]) -> list[Box]:
    """Read boxes. Raises InvalidRequest for anything but four numbers that span a box."""
    boxes = []
    for written in given:
        try:
            left, top, right, bottom = (float(value) for value in written.split(","))
        except ValueError:
            left = right = top = bottom = 0.0
        if not (math.isfinite(left + right + top + bottom) and left < right and top < bottom):
            raise InvalidRequest(f"{written!r} is not a box.", hint="Write LEFT,TOP,RIGHT,BOTTOM in pixels.")
        boxes.append((left, top, right, bottom))
    return boxes


def _require_inside(boxes: list[Box], radiograph: Radiograph) -> None:
    """Raise InvalidRequest for a box that does not overlap the film."""
    rows, columns = radiograph.pixels.shape
    for left, top, right, bottom in boxes:
        if right <= 0 or bottom <= 0 or left >= columns or top >= rows:
            raise InvalidRequest(
                f"The box {left:g},{top:g},{right:g},{bottom:g} lies outside {radiograph.name}.",
                hint=f"The film has {columns} x {rows} px.",
            )
