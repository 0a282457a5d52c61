"""A cohort that is worked on while its owner does something else."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Sequence

from xray.cohort.engine import run
from xray.cohort.predictor import Predictor
from xray.cohort.row import Row
from xray.cohort.source import File
from xray.errors import XrayError


class Progress:
    """What the thread of a Job tells: the rows so far, the sentence of what ended it early, when it ended."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.error = ""
        self.began = time.monotonic()
        self.ended: float | None = None


class Job:
    """Starts at once, in a thread of its own; ends when all is done, when cancelled, or when nobody holds it.

    Rows that are there stay.
    """

    def __init__(self, files: Sequence[File], predictor: Predictor) -> None:
        self.files = tuple(files)
        self.request = predictor.request
        self._progress, self._cancelled = Progress(), threading.Event()
        arguments = (self.files, predictor, self._progress, self._cancelled)
        self._thread = threading.Thread(target=_work, args=arguments, name="cohort", daemon=True)
        self._thread.start()
        weakref.finalize(self, self._cancelled.set)

    @property
    def rows(self) -> list[Row]:
        """The rows so far, in the order of the files."""
        return list(self._progress.rows)

    @property
    def error(self) -> str:
        return self._progress.error

    @property
    def running(self) -> bool:
        return self._progress.ended is None

    @property
    def seconds(self) -> float:
        """How long it has been, or was, at work."""
        told = self._progress
        return (told.ended or time.monotonic()) - told.began

    @property
    def seconds_left(self) -> float | None:
        """At the pace so far; unknown before the first film."""
        done = len(self._progress.rows)
        return self.seconds / done * (len(self.files) - done) if done else None

    def cancel(self) -> None:
        self._cancelled.set()

    def wait(self, timeout: float | None = None) -> None:
        """Until the work has ended."""
        self._thread.join(timeout)


def _work(
    files: Sequence[File], predictor: Predictor, progress: Progress, cancelled: threading.Event
) -> None:
    """Knows nothing of the Job, so that a Job nobody holds can go."""
    rows = run(files, predictor)
    try:
        if not cancelled.is_set():
            for row in rows:
                progress.rows.append(row)
                if cancelled.is_set():
                    break
    except XrayError as error:
        progress.error = str(error)
    finally:
        rows.close()
        if len(progress.rows) < len(files) and not (progress.error or cancelled.is_set()):
            progress.error = "The work ended early because of a fault in the program; its log says which."
        progress.ended = time.monotonic()
