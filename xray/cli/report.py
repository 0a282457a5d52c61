"""python -m xray report: write a report of a film and check every sentence against the facts."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xray.cli.common import Keep, app, keeper_of, say, stop, stop_if_not_kept
from xray.errors import XrayError

if TYPE_CHECKING:
    from xray.report import Sentence


@app.command("report")
def report_on(
    file: Annotated[Path, typer.Argument(help="A radiograph.")],
    model: Annotated[str | None, typer.Option(help="Model id; by default the first registered.")] = None,
    by: Annotated[
        str, typer.Option("--narrator", help="template, gemini or openai-compatible.")
    ] = "template",
    prompt: Annotated[str, typer.Option(help="What the report is to cover.")] = "",
    evidence: Annotated[
        bool, typer.Option("--evidence", help="Check the map of the finding of the answer.")
    ] = False,
    send: Annotated[
        bool,
        typer.Option(
            "--send",
            help="Agree that a remote narrator receives the picture (re-encoded, without its name and "
            "metadata), the facts, the prompt and fixed instructions.",
        ),
    ] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Analyze the film even if the input gate refuses it.")
    ] = False,
    keep: Keep = False,
    accept: Annotated[
        bool,
        typer.Option(
            "--accept",
            help="Mark the report as accepted; if results are kept, also keep the report with the film.",
        ),
    ] = False,
) -> None:
    """Write a report of one film. Exit code 1 if the template replaced the requested narrator."""
    from xray.evidence import checks_of
    from xray.io import read_radiograph
    from xray.io.decode import content
    from xray.pipeline import Request
    from xray.report import narrator, report
    from xray.report.text import as_text

    keeper = keeper_of(keep)

    def print_progress(sentence: Sentence) -> None:
        if narrator(by).remote:
            typer.echo(f"… {sentence.text}", err=True)

    try:
        narrator(by)
        radiograph = read_radiograph(content(file), file.name)
        case = keeper.analyze(radiograph, Request(model, anyway=anyway))
        finding = case.answer.finding
        done = tuple(checks_of(case, case.explanation(finding))) if evidence else ()
        written = report(
            case, by, prompt, checks=done, checked=finding, consent=send, on_sentence=print_progress
        )
    except XrayError as error:
        stop(error)
    if accept:
        written = replace(written, accepted=True)
    if done or accept:
        keeper.keep(case, case.explanation(finding) if done else None, done, written)
    sys.stdout.write(as_text(written))
    stop_if_not_kept(keeper)
    if written.problem:
        say(XrayError(written.problem))
        raise typer.Exit(1)
