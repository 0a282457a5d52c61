"""Cases kept for a while, so that their maps can be asked for by link."""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.exceptions import HTTPException

from xray.types import Case, Explanation

ID = re.compile(r"([0-9a-f]{32})-([0-9]{1,3})")


class Store:
    """The latest Cases up to so many bytes, each for so many seconds; ids cannot be guessed."""

    def __init__(
        self, most_bytes: float, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.seconds = seconds
        self._most, self._clock = most_bytes, clock
        self._kept: OrderedDict[str, tuple[Case, float]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, case: Case) -> list[str]:
        """Keep a Case; the ids of its maps, in their order."""
        key = secrets.token_hex(16)
        with self._lock:
            self._kept[key] = case, self._clock() + self.seconds
            self._bytes += size(case)
            self._drop()
        return [f"{key}-{number}" for number in range(len(case.explanations))]

    def find(self, id: str) -> tuple[Case, Explanation]:
        """The Case and the map of an id. Raises HTTPException 404."""
        key, number = parts.groups() if (parts := ID.fullmatch(id)) else ("", "0")
        with self._lock:
            self._drop()
            case, _ = self._kept.get(key, (None, 0.0))
        if case is None or int(number) >= len(case.explanations):
            raise HTTPException(
                404,
                f"There is no map of this id, or it is no longer kept ({self.seconds / 60:g} minutes). "
                "Analyze the film again.",
            )
        return case, case.explanations[int(number)]

    def _drop(self) -> None:
        now = self._clock()
        while self._kept:
            case, until = next(iter(self._kept.values()))
            if until > now and self._bytes <= self._most:
                return
            self._kept.popitem(last=False)
            self._bytes -= size(case)


def size(case: Case) -> int:
    """Bytes of a Case's arrays."""
    return case.radiograph.pixels.nbytes + sum(one.raw_map.nbytes for one in case.explanations)
