"""POST /api/report: a film in, the sentences that a narrator wrote of it and the facts they stand on out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Request

from xray.api.pool import Deadline, Pool
from xray.api.problems import documented
from xray.api.routes import Fields, OneFile, content
from xray.api.work import Asked, File, case_of
from xray.io import read_radiograph
from xray.report.draft import Report
from xray.types import Case

Write = Callable[[Case, str, str], Report]  # a Case, the narrator's name, the prompt's name


def reports(pool: Pool, write: Write) -> APIRouter:
    """The route, with whatever writes the report."""
    router = APIRouter(tags=["reports"])

    @router.post("/api/report", responses=documented(400, 408, 413, 422, 429, 503, 504))
    async def report(
        request: Request,
        file: OneFile,
        asked: Fields,
        narrator: Annotated[str, Form(description="Who writes; the template asks nobody.")] = "template",
        prompt: Annotated[str, Form(description="Which prompt a narrator is given.")] = "",
    ) -> Report:
        """A report of one film. Every sentence cites facts by number; what does not hold in it is flagged."""
        (film,) = await content([file])
        worked = partial(_written, film, asked, lambda case: write(case, narrator, prompt))
        return await pool.run(worked, request.state.deadline)

    return router


def _written(file: File, asked: Asked, write: Callable[[Case], Report], deadline: Deadline) -> Report:
    case = case_of(read_radiograph(file.data, file.name), asked.spelled(), deadline)
    deadline.check()
    return write(case)
