"""Worker threads for CPU work: a bounded queue and a deadline for every request."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from starlette.exceptions import HTTPException

T = TypeVar("T")
CHECK_SECONDS = 1.0  # how often a waiting request notices that the server stops


@dataclass
class Shutdown:
    """When all requests must be answered because the server stops.

    Attributes:
        until: Seconds of time.monotonic.
    """

    until: float = math.inf


@dataclass(frozen=True)
class Deadline:
    """The time by which a request must be answered.

    Attributes:
        until: Seconds of time.monotonic.
        seconds: The whole time that the request had, for the error message.
        shutdown: An earlier limit, once the server stops.
    """

    until: float
    seconds: float
    shutdown: Shutdown = field(default_factory=Shutdown)

    @classmethod
    def after(cls, seconds: float, shutdown: Shutdown | None = None) -> Deadline:
        """A deadline that many seconds from now."""
        return cls(time.monotonic() + seconds, seconds, shutdown or Shutdown())

    @property
    def left(self) -> float:
        """Seconds left; negative when the time is over."""
        return min(self.until, self.shutdown.until) - time.monotonic()

    def check(self, _share: float = 0.0) -> None:
        """Raise HTTPException 504 or 503 if the time is over. Long work calls this between its steps."""
        if self.left <= 0:
            raise self.over()

    def over(self) -> HTTPException:
        """The error for a request that ran out of time, with status 503 if the server stops."""
        if self.shutdown.until < self.until:
            return HTTPException(
                503, "The server is stopping. Send the request again.", {"Retry-After": "30"}
            )
        return HTTPException(
            504,
            f"The request took longer than {self.seconds:g} seconds and was stopped. "
            "Send fewer films, choose a faster method, or leave evidence out.",
        )


class Pool:
    """A thread pool with a bounded queue.

    Args:
        workers: Threads, each of which handles one request.
        waiting: Requests that may wait for a thread.
    """

    def __init__(self, workers: int, waiting: int) -> None:
        self._threads = ThreadPoolExecutor(workers)
        self._workers, self._capacity = workers, workers + waiting
        self._taken = 0
        self.shutdown = Shutdown()
        self._mean_seconds = 1.0  # exponential moving average of the duration of a request

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place in the queue for one request.

        Raises:
            HTTPException: With status 429 and Retry-After if the queue is full.
        """
        if self._taken >= self._capacity:
            wait = max(1, math.ceil(self._mean_seconds * self._taken / self._workers))
            raise HTTPException(
                429,
                f"{self._taken} requests are in progress or waiting. Try again in {wait} s.",
                {"Retry-After": str(wait)},
            )
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1

    async def run(self, work: Callable[[Deadline], T], deadline: Deadline) -> T:
        """Run work in a thread and return its result.

        Args:
            work: A function that receives the deadline and checks it between its steps.
            deadline: When to give up.

        Raises:
            HTTPException: With status 504 when the time is over, or 503 when the server stops before the work
                is done; the work then ends at its next check.
        """
        future = asyncio.wrap_future(self._threads.submit(self._timed, work, deadline))
        try:
            while not future.done():
                if deadline.left <= 0:
                    raise deadline.over()
                await asyncio.wait({future}, timeout=min(deadline.left, CHECK_SECONDS))
            return future.result()
        finally:
            future.cancel()

    def _timed(self, work: Callable[[Deadline], T], deadline: Deadline) -> T:
        deadline.check()
        start = time.monotonic()
        try:
            return work(deadline)
        finally:
            self._mean_seconds += (time.monotonic() - start - self._mean_seconds) / 5

    def stop(self, seconds: float) -> None:
        """Limit the time of all requests, including those that arrive later.

        Args:
            seconds: Time to complete requests; those that take longer are answered with status 503.
        """
        self.shutdown.until = time.monotonic() + seconds

    def close(self) -> None:
        """Wait for running work and drop waiting work. The pool can be used again afterwards."""
        self._threads.shutdown(cancel_futures=True)
        self._threads = ThreadPoolExecutor(self._workers)
        self.shutdown.until = math.inf
