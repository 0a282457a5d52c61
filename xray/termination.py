"""A limit on the time between SIGTERM and the end of a server, however busy its threads are.

With many busy threads the event loop hardly gets the interpreter lock, and closing the connections alone can
take a minute. Results are stored in transactions and files are written atomically, so a process that ends
early loses only what it has not finished.
"""

from __future__ import annotations

import faulthandler
import os
import signal
from collections.abc import Callable
from types import FrameType

SECONDS = 9.0  # between SIGTERM and the end of the process; container engines wait for 10 or more


def limit_shutdown(notify: Callable[[], object] | None = None, seconds: float = SECONDS) -> None:
    """End the process that many seconds after SIGTERM, unless it ends before. Call it in the main thread.

    The handler that is installed already runs as well.

    Args:
        notify: Called when the signal arrives.
        seconds: Time for an orderly shutdown.
    """
    previous = signal.getsignal(signal.SIGTERM)

    def handle(number: int, frame: FrameType | None) -> None:
        # a watchdog thread of the interpreter, which needs no lock; it also prints all stacks, to nowhere
        faulthandler.dump_traceback_later(seconds, exit=True, file=os.open(os.devnull, os.O_WRONLY))
        if notify is not None:
            notify()
        if callable(previous):
            previous(number, frame)

    signal.signal(signal.SIGTERM, handle)
