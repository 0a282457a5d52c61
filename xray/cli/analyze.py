"""python -m xray analyze: predict and explain the findings of films."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xray.cli.common import Json, Keep, app, keeper_of, say, stop, stop_if_not_kept, stop_unwritable
from xray.errors import XrayError
from xray.wording import counted

RESULTS = (".json", "-overlay.png", "-boxes.png")

if TYPE_CHECKING:
    from xray.evidence.verdict import MapVerdict
    from xray.io.result_files import UniqueStems
    from xray.types import Case, Check, Detections, Explanation


@app.command("analyze")
def analyze_files(
    files: Annotated[list[Path], typer.Argument(help="Radiographs: DICOM, PNG, JPEG, TIFF, BMP or WebP.")],
    model: Annotated[str | None, typer.Option(help="Model id; by default the first registered.")] = None,
    finding: Annotated[
        str | None, typer.Option(help="Finding to draw; by default that of the answer.")
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="One operating point for all findings, for example 0.4."),
    ] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also analyze films that the input gate refuses.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for STEM-overlay.png, -boxes.png and .json. Results of another film or model, and "
            "other files, are not replaced: the name gets a number."
        ),
    ] = None,
    evidence: Annotated[
        bool, typer.Option("--evidence", help="Check the map of the finding, which takes seconds per film.")
    ] = False,
    keep: Keep = False,
    as_json: Json = False,
) -> None:
    """Predict and explain the findings of each film. The exit code is 1 if any file was refused."""
    from tqdm import tqdm

    from xray.io import read_radiograph
    from xray.io.decode import content, printable
    from xray.io.encode import case_facts, check_facts, verdict_facts
    from xray.io.result_files import UniqueStems
    from xray.models.fallback import load_with_fallback
    from xray.models.registry import analysis_entry
    from xray.pipeline import Request

    try:
        if out:
            out.mkdir(parents=True, exist_ok=True)
        loaded, _notice = load_with_fallback(analysis_entry(model).id)  # each Case carries the notice
        requested = loaded.entry.spelled(finding) if finding else None
    except XrayError as error:
        stop(error)
    except OSError as error:
        stop_unwritable(error, out)
    request = Request(model, threshold=threshold, anyway=anyway)
    keeper = keeper_of(keep)
    facts: list[dict[str, Any]] = []
    failed = 0
    stems, named = UniqueStems(), Counter(path.name for path in files)
    for path in tqdm(files, unit="film", disable=len(files) == 1 or None, file=sys.stderr):
        radiograph = None
        try:
            radiograph = read_radiograph(content(path), path.name)
            case = keeper.analyze(radiograph, request)
        except XrayError as error:
            say(error, radiograph)
            failed += 1
            continue
        shown, found, ending = requested or case.answer.finding, {}, ""
        place = {"path": printable(str(path))}
        if evidence:
            explanation = case.explanation(shown)
            done, verdict = _checked(case, explanation)
            found = {"checks": [*map(check_facts, done)], "verdict": verdict_facts(verdict)}
            ending = f" Map: {verdict.support}. {verdict.reason} {verdict.rates}".rstrip()
            keeper.keep(case, explanation, done)
        if out:
            try:
                written = _write(case, shown, found, out, stems)
            except OSError as error:
                stop_unwritable(error, out)
            place["results"] = str(written)
            ending += f" Results: {written}"
        if as_json:
            facts.append(case_facts(case) | found | place)
        else:
            name = case.radiograph.name if named[path.name] == 1 else place["path"]
            tqdm.write(_line(case, shown, name) + ending, file=sys.stdout)
    if as_json:
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
    stop_if_not_kept(keeper)
    if failed:
        raise typer.Exit(1)


def _line(case: Case, finding: str, name: str) -> str:
    from xray.io.encode import marked
    from xray.types.answer import percent, percent_range

    prediction, explanation = case.prediction, case.explanation(finding)
    index = prediction.findings.index(finding)
    low, high = prediction.bounds[index]
    location = "no positive evidence in the heatmap"
    if explanation.has_positive_evidence:
        location = "strongest evidence at x {:.0f}, y {:.0f}".format(*explanation.peak)
    before = marked(case) + (f"{case.fallback} " if case.fallback else "")
    found = _found(case)
    boxes = "" if found is None else f"; {counted(len(found), 'box', 'boxes')}"
    organ = f"; organ: {case.organ}" if case.organ else ""
    familiarity = f" {case.gate.compared}" if case.gate.compared else ""
    notes = "".join(f" {note}" for note in case.radiograph.notes)
    return (
        f"{name}: {before}{case.answer.statement} {finding}: "
        f"{percent(float(prediction.probabilities[index]))} ({percent_range(low, high)}); "
        f"{location}{boxes}{organ}.{familiarity}{notes}"
    )


def _checked(case: Case, explanation: Explanation) -> tuple[list[Check], MapVerdict]:
    """All checks of a map, and the verdict on it."""
    from xray.evidence import checks_of, verdict_of

    done = list(checks_of(case, explanation))
    return done, verdict_of(explanation, done)


def _found(case: Case) -> Detections | None:
    """A detector's boxes at its operating point."""
    from xray.models.detector import chosen

    return None if case.detections is None else chosen(case.detections, case.detections.threshold)


def _write(case: Case, finding: str, evidence: dict[str, Any], out: Path, stems: UniqueStems) -> Path:
    """Write the results of a film beside those of others, and return the path of the JSON file."""
    from xray.io.encode import case_json, png
    from xray.render.boxes import boxes_png
    from xray.render.overlay import Drawing, draw

    stem = stems.stem(case.radiograph.name, lambda stem: _is_free(out, stem, case))
    (out / f"{stem}-overlay.png").write_bytes(png(draw(case, finding, Drawing()), case, finding))
    found = _found(case)
    if found is not None:
        (out / f"{stem}-boxes.png").write_bytes(boxes_png(case, found))
    written = out / f"{stem}.json"
    written.write_text(case_json(case, evidence) + "\n", encoding="utf-8")
    return written


def _is_free(out: Path, stem: str, case: Case) -> bool:
    """Whether no file has one of the names, or an earlier run wrote them for the same film and model."""
    if not any((out / f"{stem}{suffix}").exists() for suffix in RESULTS):
        return True
    try:
        facts = json.loads((out / f"{stem}.json").read_text(encoding="utf-8"))
        same = facts["pixels_sha256"], facts["model_id"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return same == (case.radiograph.sha256, case.prediction.model_id)
