"""The Ray engine: Ray Data workers on many cores or machines, each with the same predictor."""

from __future__ import annotations

import logging
import os
import pickle
import re
import socket
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from math import ceil, floor
from types import ModuleType
from typing import Any

import numpy as np

from xray.cohort.engine import row_of
from xray.cohort.location import SCALE
from xray.cohort.predictor import Predictor, failed
from xray.cohort.row import Row
from xray.cohort.source import File
from xray.errors import EngineUnavailable, ModelUnavailable, UnreadableImage
from xray.models.fallback import load_with_fallback
from xray.settings import ROOT

BATCH = 128  # films per task
TRIES = 2  # attempts before the films of a failed batch run one by one
MOST_FATAL = 100  # films that may each crash a worker before the run fails
STORE = 200 * 2**20  # bytes; rows pass through it, films do not
LOGS = "See Ray's logs."
ENVIRONMENT = {  # no telemetry, little output
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
    "RAY_DATA_LOG_LEVEL": "CRITICAL",
    "RAY_IGNORE_UNHANDLED_ERRORS": "1",  # handled here
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_worker_niceness": "0",  # otherwise workers run at low priority
}
SENT = [
    "/*",
    "!/.",
    "!/xray",
    "!/weights",
]  # excluded from what other machines receive: all but xray/ and weights/

Placed = tuple[int, Row]


def run(
    files: Sequence[File], predictor: Predictor, workers: int | None = None, address: str | None = None
) -> Iterator[Placed]:
    """Yield the index of every file with its row, in order of completion.

    A crashed worker is restarted and its films are repeated. A film that crashes every worker gets a row with
    an error message.

    Args:
        files: Files of the cohort.
        predictor: Analyzes each film.
        workers: Number of processes; by default one per core.
        address: Address of a running cluster; by default a local one is started and stopped.

    Raises:
        EngineUnavailable: If Ray is missing, cannot be reached or fails.
        XrayError: ModelUnavailable or InvalidRequest, which apply to every film.
    """
    if not files:
        return
    model, _notice = load_with_fallback(predictor.request.model_id)  # the job carries the notice
    weights = model.entry.sha256
    left = dict(enumerate(files))
    with _cluster(workers, address) as ray:
        workers = workers or _cores(ray)
        try:
            for size in (batch_size(len(files), workers), 1):
                for place, row in _pass(ray, left, (predictor, weights), workers, size):
                    del left[place]
                    yield place, row
                if len(left) > MOST_FATAL and size == 1:
                    raise EngineUnavailable(f"No worker returned a result for {len(left)} films.", hint=LOGS)
        except ray.exceptions.RayError as error:
            raise EngineUnavailable(f"The workers failed: {_last_line(error)}", hint=LOGS) from error
    for place, file in left.items():
        fault = UnreadableImage(f"Reading {file.name} crashes the program.", hint="Analyze it alone.")
        yield place, failed(file.name, fault)


def batch_size(films: int, workers: int) -> int:
    """Films per task, small enough to keep every worker busy until the end."""
    return max(1, min(BATCH, films // (4 * workers)))


class Worker:
    """A worker process: holds the model and reads the next film while it analyzes one."""

    def __init__(self, predictor: Predictor, weights_sha256: str) -> None:
        self.predictor = predictor
        model, fallback = load_with_fallback(predictor.request.model_id)
        if model.entry.sha256 != weights_sha256:
            raise ModelUnavailable(
                f"A worker has different weights. {fallback}".strip(),
                hint="Use the same weights folder on every machine.",
            )

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Analyze a batch of pickled files into pickled rows."""
        files = [pickle.loads(file) for file in batch["file"]]
        with ThreadPoolExecutor(1) as ahead:
            rows = [row_of(self.predictor, file) for file in _read_ahead(files, ahead)]
        return {"place": batch["place"], "row": np.array([pickle.dumps(row) for row in rows], object)}


def _read_ahead(files: Sequence[File], ahead: Executor) -> Iterator[File]:
    """Each file while the next is read."""
    read = None
    for file in files:
        before, read = read, File(file.name, ahead.submit(file.content).result)
        if before:
            yield before
    if read:
        yield read


def _pass(
    ray: ModuleType, left: dict[int, File], arguments: tuple[Predictor, str], workers: int, size: int
) -> Iterator[Placed]:
    """Rows of the films left, but of batches whose worker died over and over."""
    if not left:
        return
    from ray import cloudpickle

    items = [{"place": place, "file": cloudpickle.dumps(file)} for place, file in left.items()]
    films = ray.data.from_items(items, override_num_blocks=ceil(len(items) / size))
    pool = ray.data.ActorPoolStrategy(
        size=min(workers, len(items)), max_tasks_in_flight_per_actor=1 if size == 1 else 2
    )
    with warnings.catch_warnings(action="ignore", category=ray.util.annotations.RayDeprecationWarning):
        answered = films.map_batches(
            Worker,
            fn_constructor_args=arguments,
            batch_size=size,
            compute=pool,
            max_task_retries=TRIES - 1,
            **_devices(ray, workers),
        )
    for batch in answered.iter_batches(batch_size=None, prefetch_batches=0):
        for place, row in zip(batch["place"].tolist(), batch["row"], strict=True):
            yield place, pickle.loads(row)


@contextmanager
def _cluster(workers: int | None, address: str | None) -> Iterator[ModuleType]:
    """Ray, connected: to the cluster at an address, to the one this process is in already, or to its own."""
    ray = _imported()
    mine = not ray.is_initialized()
    if mine:
        try:
            ray.init(log_to_driver=False, logging_level=logging.ERROR, **_options(workers, address))
        except (OSError, RuntimeError, ValueError) as error:
            raise EngineUnavailable(f"Ray cannot be started: {_last_line(error)}", hint=LOGS) from error
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars, context.max_errored_blocks = False, -1
    try:
        yield ray
    finally:
        if mine:
            ray.shutdown()


def _options(workers: int | None, address: str | None) -> dict[str, Any]:
    """How Ray is started here, or joined where it runs; there it is sent our code and weights."""
    if not address:
        store = {"include_dashboard": False, "object_store_memory": STORE}
        return {"address": "local", "num_cpus": workers, **store}
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=10).close()
    except (OSError, ValueError) as error:
        raise EngineUnavailable(
            f"Nothing answers at {address}.", hint="Give HOST:PORT as ray start --head prints it."
        ) from error
    return {"address": address, "runtime_env": {"working_dir": str(ROOT), "excludes": SENT}}


def _imported() -> ModuleType:
    os.environ.update(ENVIRONMENT)  # read by Ray when it is imported
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise EngineUnavailable("Ray is not installed.", hint=SCALE) from error
    return ray


def _cores(ray: ModuleType) -> int:
    return max(1, int(ray.cluster_resources().get("CPU", 1)))


def _devices(ray: ModuleType, workers: int) -> dict[str, Any]:
    """What each worker takes: a core, and an even share of the GPUs where there are some."""
    gpus = ray.cluster_resources().get("GPU", 0)
    if not gpus or os.environ.get("XRAY_DEVICE"):
        return {"num_cpus": 1}
    share = 1 if workers <= gpus else floor(1e4 * gpus / workers) / 1e4
    return {"num_cpus": 1, "num_gpus": share, "runtime_env": {"env_vars": {"XRAY_DEVICE": "cuda"}}}


def _last_line(error: Exception) -> str:
    line = (str(error).strip().splitlines() or ["no reason given"])[-1]
    return re.sub(r"^(\w+\.)+\w+: ", "", line.strip())  # the name of the exception
