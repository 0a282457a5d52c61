"""What visitors see, in the memory of the server, limited in time, number and bytes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xray.alarm import Alarm
from xray.types import Radiograph
from xray.ui.choice import Choice

if TYPE_CHECKING:  # imports torch
    from xray.ui.viewer.region import Region

MINUTES, VISITORS, ALL_BYTES = 60, 200, 2**30


@dataclass(frozen=True)
class Remembered:
    """What a visitor sees.

    Attributes:
        user: The signed-in user, or an empty string.
        films: The open films by key.
        originals: DICOM files of the films, by key.
        shown: Key of the film that is shown.
        choice: The choices that all pages share.
        marks: Regions that the visitor marked.
    """

    user: str
    films: Mapping[str, Radiograph]
    originals: Mapping[str, bytes]
    shown: str
    choice: Choice
    marks: Mapping[tuple[str, str], tuple[Region, ...]]

    @property
    def size(self) -> int:
        """Bytes of the pixels and files."""
        return sum(film.pixels.nbytes + len(self.originals.get(key, b"")) for key, film in self.films.items())


class Store:
    """Entries by key in memory, limited in time, number and bytes. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: dict[str, tuple[float, Remembered]] = {}  # the oldest first
        self._alarm = Alarm(self.expire)

    def keep(self, key: str, entry: Remembered) -> None:
        """Keep an entry in place of the one before, and drop the oldest ones beyond the limits."""
        with self._lock:
            self._entries.pop(key, None)
            self._entries[key] = self._clock() + 60 * MINUTES, entry
            total = sum(kept.size for _, kept in self._entries.values())
            while total > ALL_BYTES or len(self._entries) > VISITORS:
                _, dropped = self._entries.pop(next(iter(self._entries)))
                total -= dropped.size
        self.expire()

    def find(self, key: str, user: str) -> Remembered | None:
        """The entry with a key, only if it belongs to the user."""
        self.expire()
        with self._lock:
            _, entry = self._entries.get(key, (0.0, None))
        return entry if entry and entry.user == user else None

    def forget(self, key: str) -> None:
        """Drop an entry, if there is one."""
        with self._lock:
            self._entries.pop(key, None)

    def expire(self) -> None:
        """Drop the entries whose time is over, now and when the next one's is."""
        with self._lock:
            now = self._clock()
            while self._entries and next(iter(self._entries.values()))[0] <= now:
                del self._entries[next(iter(self._entries))]
            if self._entries:
                end, _ = next(iter(self._entries.values()))
                self._alarm.set(end - now)

    def __len__(self) -> int:
        return len(self._entries)
