"""A cohort that is analyzed in a background thread."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import replace

from xray.cohort.engine import run
from xray.cohort.predictor import Predictor
from xray.cohort.row import Row
from xray.cohort.source import File
from xray.errors import XrayError

THUMBNAIL_BYTES = 64 * 2**20  # of one cohort, about 10,000 films; later rows have none


class Progress:
    """State of the thread of a Job: rows so far, error message, start and end."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.thumbnail_bytes = 0
        self.error = ""
        self.started = time.monotonic()
        self.ended: float | None = None

    def add(self, row: Row) -> None:
        """Add a row, without its thumbnail if the thumbnails take too much memory."""
        self.thumbnail_bytes += len(row.thumbnail)
        self.rows.append(row if self.thumbnail_bytes <= THUMBNAIL_BYTES else replace(row, thumbnail=b""))


class Job:
    """Analyzes a cohort in a thread that starts at once.

    The thread ends when all films are done, after cancel(), or when the Job is garbage-collected. Rows that
    were finished stay available.

    Args:
        files: Files of the cohort.
        predictor: Analyzes each film.
        on_row: Called in the thread with each row.
    """

    def __init__(
        self, files: Sequence[File], predictor: Predictor, on_row: Callable[[Row], None] | None = None
    ) -> None:
        self.files = tuple(files)
        self.request = predictor.request
        self._progress, self._cancelled = Progress(), threading.Event()
        arguments = (self.files, predictor, on_row, self._progress, self._cancelled)
        self._thread = threading.Thread(target=_work, args=arguments, name="cohort", daemon=True)
        self._thread.start()
        weakref.finalize(self, self._cancelled.set)

    @property
    def rows(self) -> list[Row]:
        """The rows so far, in the order of the files."""
        return list(self._progress.rows)

    @property
    def error(self) -> str:
        """Message of the error that ended the work early, or empty."""
        return self._progress.error

    @property
    def running(self) -> bool:
        """Whether the thread is still at work."""
        return self._progress.ended is None

    @property
    def seconds(self) -> float:
        """Duration of the work so far in seconds."""
        progress = self._progress
        return (progress.ended or time.monotonic()) - progress.started

    @property
    def seconds_left(self) -> float | None:
        """Estimated remaining time in seconds; None before the first film."""
        done = len(self._progress.rows)
        return self.seconds / done * (len(self.files) - done) if done else None

    def cancel(self) -> None:
        """End the work after the films in progress."""
        self._cancelled.set()

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the work has ended, or for a number of seconds."""
        self._thread.join(timeout)


def _work(
    files: Sequence[File],
    predictor: Predictor,
    on_row: Callable[[Row], None] | None,
    progress: Progress,
    cancelled: threading.Event,
) -> None:
    """Body of the thread. It holds no reference to the Job, so that the Job can be garbage-collected."""
    rows = run(files, predictor)
    try:
        if not cancelled.is_set():
            for row in rows:
                if on_row is not None:
                    on_row(row)
                progress.add(row)
                if cancelled.is_set():
                    break
    except XrayError as error:
        progress.error = str(error)
    finally:
        rows.close()
        if len(progress.rows) < len(files) and not (progress.error or cancelled.is_set()):
            progress.error = "The analysis ended early because of an internal error; see the log."
        progress.ended = time.monotonic()
