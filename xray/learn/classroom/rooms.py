"""The classes of the server, in memory: by code for students, by owner for teachers. Thread-safe."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable

from xray.access import Visitor, owner_of
from xray.alarm import Alarm
from xray.errors import InvalidRequest
from xray.learn.classroom.room import Classroom, Seat
from xray.learn.deck import Deck

MINUTES, CLASSES = 120, 20  # length of a class, and number of classes at the same time
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # no two look alike
LENGTH = 6  # of a code


class Rooms:
    """Classes, limited in time and number.

    Args:
        clock: Returns the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._rooms: dict[str, Classroom] = {}  # by code
        self._alarm = Alarm(self.expire)

    def open(self, deck: Deck, visitor: Visitor) -> Classroom:
        """Open a class that belongs to the visitor.

        Raises:
            AccessDenied: If the visitor cannot own a class.
            InvalidRequest: If the visitor teaches a class already, or the server has too many classes.
        """
        owner = owner_of(visitor, "classes")
        self.expire()
        with self._lock:
            if any(room.owner == owner for room in self._rooms.values()):
                raise InvalidRequest("A class of yours is open.", hint="Close it first.")
            if len(self._rooms) >= CLASSES:
                raise InvalidRequest(
                    f"The server has {CLASSES} open classes.",
                    hint=f"Try again later: a class ends after {MINUTES} minutes.",
                )
            code = _new_code()
            while code in self._rooms:
                code = _new_code()
            room = Classroom(code, owner, deck, self._clock() + 60 * MINUTES)
            self._rooms[code] = room
        self.expire()
        return room

    def taught_by(self, visitor: Visitor) -> Classroom | None:
        """The visitor's class; None if there is none. Raises AccessDenied."""
        owner = owner_of(visitor, "classes")
        self.expire()
        with self._lock:
            return next((room for room in self._rooms.values() if room.owner == owner), None)

    def close(self, visitor: Visitor) -> None:
        """Drop the visitor's class with everything in it. Raises AccessDenied."""
        owner = owner_of(visitor, "classes")
        with self._lock:
            self._rooms = {code: room for code, room in self._rooms.items() if room.owner != owner}

    def is_open(self, code: str) -> bool:
        """Whether there is a class with a code."""
        return self._find(code) is not None

    def join(self, code: str, token: str, nickname: str) -> Seat:
        """Join a class.

        Args:
            code: Code of the class.
            token: Secret of the student, who gets the same seat with the same token.
            nickname: A name of the student's choice, or an empty string.

        Raises:
            InvalidRequest: If there is no class with this code, or the class is full.
        """
        room = self._find(code)
        if room is None:
            raise InvalidRequest(f"There is no class with the code {code}.", hint="Ask the teacher.")
        return room.admit(token, nickname)

    def seat(self, code: str, token: str) -> Seat | None:
        """The seat of a student who has joined; None if the class is over or the token unknown."""
        room = self._find(code)
        return room.seat(token) if room else None

    def expire(self) -> None:
        """Drop the classes whose time is over, now and when the next one's is."""
        with self._lock:
            now = self._clock()
            self._rooms = {code: room for code, room in self._rooms.items() if room.end > now}
            if self._rooms:
                self._alarm.set(min(room.end for room in self._rooms.values()) - now)

    def _find(self, code: str) -> Classroom | None:
        self.expire()
        return self._rooms.get(code.strip().upper())


def _new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


ROOMS = Rooms()  # of this server
