"""POST /api/report: write a report of a film and return its sentences and the facts that support them."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Request

from xray.api.pool import Deadline, Pool
from xray.api.problems import documented
from xray.api.routes import Fields, OneFile, content
from xray.api.work import Asked, File, case_of, checked
from xray.io import read_radiograph
from xray.report import SENT, Report, narrator, report
from xray.report.narrators.prompts import limited


def reports(pool: Pool) -> APIRouter:
    """Create the route; remote narrators are reached with the settings of the server."""
    router = APIRouter(tags=["reports"])

    @router.post("/api/report", responses=documented(400, 408, 413, 422, 429, 503, 504))
    async def on_a_film(
        request: Request,
        file: OneFile,
        asked: Fields,
        by: Annotated[
            str, Form(alias="narrator", description="template, gemini or openai-compatible.")
        ] = "template",
        prompt: Annotated[str, Form(description="What the report is to cover.")] = "",
        send: Annotated[bool, Form(description=f"Agree that a remote narrator receives {SENT}.")] = False,
    ) -> Report:
        """Write a report of one film. Sentences cite facts by number; unsupported ones have flags. `problem`
        gives the reason if the template replaced the requested narrator.
        """
        (film,) = await content([file])
        worked = partial(_written, film, asked, by, prompt, send)
        return await pool.run(worked, request.state.deadline)

    return router


def _written(file: File, asked: Asked, by: str, prompt: str, send: bool, deadline: Deadline) -> Report:
    narrator(by)
    limited(prompt)
    asked = asked.spelled()
    case = case_of(read_radiograph(file.data, file.name), asked, deadline)
    finding = asked.findings[0] if asked.findings else case.prediction.most_likely
    done = checked(case, asked, finding, deadline) if asked.evidence else ()
    deadline.check()
    return report(case, by, prompt, checks=done, checked=finding, consent=send)
