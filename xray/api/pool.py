"""Worker threads for CPU work: a bounded queue and a deadline for every request."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from starlette.exceptions import HTTPException

T = TypeVar("T")


@dataclass(frozen=True)
class Deadline:
    """The time by which a request must be answered.

    Attributes:
        until: Seconds of time.monotonic.
        seconds: The whole time that the request had, for the error message.
    """

    until: float
    seconds: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """A deadline that many seconds from now."""
        return cls(time.monotonic() + seconds, seconds)

    @property
    def left(self) -> float:
        """Seconds left; negative when the time is over."""
        return self.until - time.monotonic()

    def check(self, _share: float = 0.0) -> None:
        """Raise HTTPException 504 if the time is over. Long work calls this between its steps."""
        if self.left <= 0:
            raise self.over()

    def over(self) -> HTTPException:
        """The error for a request that ran out of time."""
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
            HTTPException: With status 504 when the time is over; the work then ends at its next check.
        """
        future = self._threads.submit(self._timed, work, deadline)
        try:
            async with asyncio.timeout(deadline.left):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            raise deadline.over() from None

    def _timed(self, work: Callable[[Deadline], T], deadline: Deadline) -> T:
        deadline.check()
        start = time.monotonic()
        try:
            return work(deadline)
        finally:
            self._mean_seconds += (time.monotonic() - start - self._mean_seconds) / 5

    def close(self) -> None:
        """Wait for running work. The pool can be used again afterwards."""
        self._threads.shutdown()
        self._threads = ThreadPoolExecutor(self._workers)
