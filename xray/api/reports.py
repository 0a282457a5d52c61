"""POST /api/report: write a report of a film and return its sentences and the facts that support them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Request

from xray.api.keeping import keeper_of
from xray.api.pool import Deadline, Pool
from xray.api.problems import documented
from xray.api.routes import Fields, OneFile
from xray.api.work import File, Options, case_of, checks_with_deadline
from xray.history.keeping import Keeper
from xray.io import read_radiograph
from xray.report import SENT, Report, narrator, report
from xray.report.narrators.prompts import limited


def reports(pool: Pool) -> APIRouter:
    """Create the route; remote narrators are reached with the settings of the server."""
    router = APIRouter(tags=["reports"])

    @router.post("/api/report", responses=documented(400, 408, 413, 422, 429, 503, 504))
    async def on_a_film(
        request: Request,
        film: OneFile,
        options: Fields,
        by: Annotated[
            str, Form(alias="narrator", description="template, gemini or openai-compatible.")
        ] = "template",
        prompt: Annotated[str, Form(description="What the report is to cover.")] = "",
        send: Annotated[bool, Form(description=f"Agree that a remote narrator receives {SENT}.")] = False,
        accept: Annotated[
            bool,
            Form(
                description="Mark the report as accepted; a server that keeps your results then keeps the "
                "report with the film."
            ),
        ] = False,
    ) -> Report:
        """Write a report of one film.

        Sentences cite facts by number; unsupported ones have flags. `problem` gives the reason if the
        template replaced the requested narrator.
        """
        with keeper_of(request) as keeper:
            job = partial(_report, film, options, by, prompt, send, accept, keeper)
            return await pool.run(job, request.state.deadline)

    return router


def _report(
    file: File,
    options: Options,
    by: str,
    prompt: str,
    send: bool,
    accept: bool,
    keeper: Keeper,
    deadline: Deadline,
) -> Report:
    narrator(by)
    limited(prompt)
    options = options.resolved()
    case = case_of(read_radiograph(file.data, file.name), options, keeper, deadline)
    finding = options.findings[0] if options.findings else case.answer.finding
    checks = checks_with_deadline(case, finding, deadline) if options.evidence else ()
    deadline.check()
    written = report(case, by, prompt, checks=checks, checked=finding, consent=send)
    if accept:
        written = replace(written, accepted=True)
    if checks or accept:
        keeper.keep(case, case.explanation(finding) if checks else None, checks, written)
    return written
