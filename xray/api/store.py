"""Cases kept in memory for a while, so that clients can fetch their maps by link."""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from cachetools import TTLCache
from starlette.exceptions import HTTPException

from xray.types import Case, Explanation

MAP_ID = re.compile(r"([0-9a-f]{32})-([0-9]{1,3})")


class Store:
    """A thread-safe cache of Cases under random ids; the least recently used Case is dropped first.

    Args:
        max_bytes: Total size of the arrays of all Cases. A larger Case is not kept.
        seconds: How long a Case is kept.
        clock: Time in seconds.
    """

    def __init__(self, max_bytes: float, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._cases: TTLCache[str, Case] = TTLCache(max_bytes, seconds, timer=clock, getsizeof=size)
        self._lock = threading.Lock()

    def __len__(self) -> int:
        with self._lock:
            self._cases.expire()
            return len(self._cases)

    def add(self, case: Case) -> list[str]:
        """Keep a Case and return the ids of its maps, in the order of its explanations."""
        key = secrets.token_hex(16)
        with self._lock, suppress(ValueError):  # the Case is larger than max_bytes
            self._cases[key] = case
        return [f"{key}-{number}" for number in range(len(case.explanations))]

    def find(self, map_id: str) -> tuple[Case, Explanation]:
        """Return the Case and the explanation of a map id.

        Raises:
            HTTPException: With status 404 if the id is unknown or no longer kept.
        """
        key, number = match.groups() if (match := MAP_ID.fullmatch(map_id)) else ("", "0")
        with self._lock:
            case = self._cases.get(key)
        if case is None or int(number) >= len(case.explanations):
            raise HTTPException(
                404,
                f"No map has this id, or it is no longer kept ({self.seconds / 60:g} minutes). "
                "Analyze the film again.",
            )
        return case, case.explanations[int(number)]


def size(case: Case) -> int:
    """Size of the arrays of a Case in bytes."""
    return case.radiograph.pixels.nbytes + sum(map_.raw_map.nbytes for map_ in case.explanations)
