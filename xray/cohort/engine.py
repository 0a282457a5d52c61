"""The local engine: threads of one process, with few films in memory at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from xray.cohort.predictor import OF_ONE_FILM, Predictor, failed
from xray.cohort.row import Row
from xray.cohort.source import File

WORKERS = 2  # one thread runs the model while the other reads the next film


def run(files: Iterable[File], predictor: Predictor, workers: int = WORKERS) -> Generator[Row, None, None]:
    """Yield one row per file, in order. A duplicate of an earlier film names that film.

    Closing the generator ends the work after the films in progress.

    Args:
        files: Files of the cohort.
        predictor: Analyzes each film.
        workers: Number of threads.

    Raises:
        XrayError: ModelUnavailable or InvalidRequest, which apply to every film.
    """
    pool = ThreadPoolExecutor(workers, thread_name_prefix="cohort")
    first: dict[str, str] = {}
    waiting: deque[Future[Row]] = deque()

    def next_row() -> Row:
        row = waiting.popleft().result()
        if row.pixels_sha256 in first:
            return replace(row, duplicate_of=first[row.pixels_sha256])
        if row.pixels_sha256:
            first[row.pixels_sha256] = row.file
        return row

    try:
        for file in files:
            waiting.append(pool.submit(row_of, predictor, file))
            if len(waiting) > workers:
                yield next_row()
        while waiting:
            yield next_row()
    finally:
        pool.shutdown(cancel_futures=True)


def row_of(predictor: Predictor, file: File) -> Row:
    """The row of one file, including a file that cannot be opened. Raises what Predictor raises."""
    try:
        content = file.content()
    except OF_ONE_FILM as error:
        return failed(file.name, error)
    return predictor([(file.name, content)])[0]
