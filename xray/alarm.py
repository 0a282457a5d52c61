"""A timer for the next of many times, in place of a thread for each."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Alarm:
    """Calls an action in a thread when a time is over. Thread-safe.

    Args:
        action: What is called; it sets the alarm again if there is a later time.
    """

    def __init__(self, action: Callable[[], None]) -> None:
        self._action = action
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def set(self, seconds: float) -> None:
        """Call the action in this time, unless the alarm is set, which then ends before."""
        with self._lock:
            if self._timer is None:
                self._timer = threading.Timer(seconds, self._end)
                self._timer.daemon = True
                self._timer.start()

    def _end(self) -> None:
        with self._lock:
            self._timer = None
        self._action()
