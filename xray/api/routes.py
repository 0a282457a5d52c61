"""The routes: analyze films, fetch maps, list models, report health."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Query, Request, Response, UploadFile
from starlette.exceptions import HTTPException

from xray.api import schemas, work
from xray.api.health import Health
from xray.api.keeping import keeper_of
from xray.api.pool import Deadline, Pool
from xray.api.problems import documented
from xray.api.settings import ApiSettings
from xray.api.store import Store
from xray.errors import InvalidRequest, ModelUnavailable
from xray.explain import offered
from xray.models.ensemble import load_model
from xray.models.public import is_away
from xray.models.registry import ModelEntry, analysis_entry, entries, entry, public_entries

Fields = Annotated[work.Options, Depends(schemas.options)]
ANSWER: dict[str, Any] = {
    "response_model": schemas.Answer,
    "responses": documented(400, 408, 413, 422, 429, 503, 504),
}
JSON = "application/json"


async def several_files(
    files: Annotated[list[UploadFile], File(description="Radiographs: DICOM, PNG, JPEG, TIFF, BMP or WebP.")],
) -> list[work.File]:
    """Read the files in the field `files` into memory."""
    return [work.File(file.filename or "", await file.read()) for file in files]


async def one_file(
    request: Request, file: Annotated[UploadFile, File(description="A radiograph.")]
) -> work.File:
    """Read the file in the field `file` into memory.

    Raises:
        InvalidRequest: If the field occurs more than once.
    """
    sent = (await request.form()).getlist("file")
    if len(sent) > 1:
        raise InvalidRequest(
            f"The request has {len(sent)} fields named file; {request.url.path} takes one film.",
            "Send several films to /api/analyze, in fields named files.",
        )
    return work.File(file.filename or "", await file.read())


Files = Annotated[list[work.File], Depends(several_files)]
OneFile = Annotated[work.File, Depends(one_file)]


def films(settings: ApiSettings, pool: Pool, store: Store) -> APIRouter:
    """Routes that run models, in the pool."""
    router = APIRouter(tags=["films"])

    async def answered(request: Request, files: list[work.File], options: work.Options) -> Response:
        if len(files) > settings.files:
            raise InvalidRequest(
                f"The request has {len(files)} films.", f"Send at most {settings.files} at once."
            )
        state = request.state
        with keeper_of(request) as keeper:
            job = partial(work.results, files, options, store, keeper, state.request_id)
            return Response(await pool.run(job, state.deadline), media_type=JSON)

    @router.post("/api/analyze", **ANSWER)
    async def analyze(request: Request, files: Files, options: Fields) -> Response:
        """Predict and explain the findings of each film; one result per file, in order.

        A file that cannot be read, or that the input gate refuses, has a problem instead of a Case. If no
        file can be analyzed, the response is a problem document.
        """
        return await answered(request, files, options)

    @router.post("/upload", **ANSWER)
    async def upload(request: Request, file: OneFile, options: Fields) -> Response:
        """Analyze one film in the field `file`, as /api/analyze does."""
        return await answered(request, [file], options)

    @router.get(
        "/api/explanations/{id}.png",
        response_class=Response,
        responses={200: {"content": {"image/png": {}}}, **documented(404, 422, 429, 504)},
    )
    async def explanation_png(request: Request, id: str) -> Response:
        """The overlay of a finding at source resolution."""
        picture = await pool.run(partial(work.picture, store, id), request.state.deadline)
        return Response(picture, media_type="image/png", headers={"Cache-Control": "private, no-store"})

    @router.get(
        "/api/explanations/{id}.npy",
        response_class=Response,
        responses={200: {"content": {"application/octet-stream": {}}}, **documented(404, 422, 429, 504)},
    )
    async def explanation_npy(request: Request, id: str) -> Response:
        """The raw map of a finding, float32 (h, w), in units of its logit."""
        values = await pool.run(partial(work.raw_map, store, id), request.state.deadline)
        return Response(
            values, media_type="application/octet-stream", headers={"Cache-Control": "private, no-store"}
        )

    return router


def models(pool: Pool) -> APIRouter:
    """Routes that describe models; one that is loaded for it goes through the pool."""
    router = APIRouter(tags=["models"])

    @router.get("/api/models", responses=documented(503))
    def list_models() -> list[schemas.ModelFacts]:
        """List the models, the default first."""
        known = (*entries(), *public_entries())
        return [schemas.ModelFacts(**_facts(model)) for model in known if model.for_analysis]

    @router.get("/model-info", responses=documented(404, 422, 429, 503, 504))
    async def model_info(
        request: Request,
        model: Annotated[
            str | None, Query(description="Model id; by default the first of /api/models.")
        ] = None,
    ) -> schemas.ModelInfo:
        """Describe one model and the methods that can explain it."""
        try:
            known = analysis_entry(model)
        except ModelUnavailable as error:
            raise HTTPException(404, str(error)) from error
        return await pool.run(partial(_model_info, known), request.state.deadline)

    return router


def _model_info(model: ModelEntry, _deadline: Deadline) -> schemas.ModelInfo:
    return schemas.ModelInfo(**_facts(model), methods=offered(load_model(model.id)))


def health() -> APIRouter:
    """The route for readiness probes."""
    router, state = APIRouter(tags=["health"]), Health()

    @router.get("/health", responses=documented(503))
    async def ready() -> schemas.Ready:
        """Report ready if the default model made a prediction in the last 30 seconds or makes one now."""
        await state.check()
        return schemas.Ready()

    return router


def _facts(model: ModelEntry) -> dict[str, Any]:
    facts = model.model_dump(
        include={"id", "title", "task", "architecture", "input_size", "trained_on", "licence"}
    )
    return facts | {
        "default": model.id == entry().id,
        "available": not is_away(model),
        "findings": list(model.findings),
        "thresholds": list(model.thresholds),
        "regions": list(model.regions),
        "weights_sha256": model.sha256,
    }
