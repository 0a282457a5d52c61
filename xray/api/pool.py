"""CPU work beside the event loop: few workers, a short queue, an end to every request."""

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
    """When a request must be answered; until: seconds of time.monotonic."""

    until: float
    seconds: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        return cls(time.monotonic() + seconds, seconds)

    @property
    def left(self) -> float:
        return self.until - time.monotonic()

    def check(self, _share: float = 0.0) -> None:
        """Called between the steps of long work: ends it when its time is over."""
        if self.left <= 0:
            raise self.over()

    def over(self) -> HTTPException:
        return HTTPException(
            504,
            f"This took longer than {self.seconds:g} seconds and was stopped. "
            "Send fewer films, a quicker method, or ask without evidence.",
        )


class Pool:
    """workers threads, and places for as many requests and `waiting` more."""

    def __init__(self, workers: int, waiting: int) -> None:
        self._threads = ThreadPoolExecutor(workers)
        self._workers, self._places = workers, workers + waiting
        self._taken = 0
        self._usual = 1.0  # seconds that recent work took, the last counting a fifth

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place for one request, before its body is read. Raises HTTPException 429 when all are taken."""
        if self._taken >= self._places:
            wait = max(1, math.ceil(self._usual * self._taken / self._workers))
            raise HTTPException(
                429,
                f"{self._taken} requests are being worked on or wait already. Try again in {wait} s.",
                {"Retry-After": str(wait)},
            )
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1

    async def run(self, work: Callable[[Deadline], T], deadline: Deadline) -> T:
        """What work returns. Raises HTTPException 504 when the time is over; work ends at its next check."""
        future = self._threads.submit(self._timed, work, deadline)
        try:
            async with asyncio.timeout(deadline.left):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            raise deadline.over() from None

    def _timed(self, work: Callable[[Deadline], T], deadline: Deadline) -> T:
        deadline.check()
        began = time.monotonic()
        try:
            return work(deadline)
        finally:
            self._usual += (time.monotonic() - began - self._usual) / 5

    def close(self) -> None:
        """Wait for what is being worked on; the pool can be used again after."""
        self._threads.shutdown()
        self._threads = ThreadPoolExecutor(self._workers)
