"""The state of the What-if page: changes and covered boxes, as one immutable value, and its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from xray.errors import InvalidRequest
from xray.types import Radiograph
from xray.whatif.changes import CHANGES
from xray.whatif.cover import COVERS, Box, controls, cover


@dataclass(frozen=True)
class State:
    """Changes and covered boxes of a film.

    Attributes:
        values: Names of changes with their values, without neutral ones, in the order of application.
        covered: Boxes in source pixels, covered before any change.
        cover: Key of COVERS.

    Raises:
        InvalidRequest: For an unknown change or cover, a value out of range, or an empty box.
    """

    values: tuple[tuple[str, float], ...] = ()
    covered: tuple[Box, ...] = ()
    cover: str = "blur"

    def __post_init__(self) -> None:
        given = dict(self.values)
        for name, value in given.items():
            change = CHANGES[name]
            if not change.low <= value <= change.high:
                raise InvalidRequest(
                    f"{change.title} cannot be {value:g}.",
                    f"Give a value from {change.low:g} to {change.high:g}.",
                )
        if self.cover not in COVERS:
            raise InvalidRequest(f"There is no cover {self.cover!r}.", f"There are: {', '.join(COVERS)}.")
        for left, top, right, bottom in self.covered:
            if not (0 <= left < right and 0 <= top < bottom):
                raise InvalidRequest(f"There is no box {left, top, right, bottom}.", "Draw it again.")
        kept = tuple(
            (name, float(given[name]))
            for name, change in CHANGES.items()
            if given.get(name, change.neutral) != change.neutral
        )
        object.__setattr__(self, "values", kept)

    def value(self, name: str) -> float:
        """The value of a change; neutral if the state does not contain it."""
        return dict(self.values).get(name, CHANGES[name].neutral)

    def at(self, name: str, value: float) -> State:
        """The same state with another value of one change."""
        others = (item for item in self.values if item[0] != name)
        return replace(self, values=(*others, (name, value)))

    @property
    def descriptions(self) -> tuple[str, ...]:
        """One phrase per covered box and per change; empty if nothing is changed."""
        boxes = (
            f"{right - left} × {bottom - top} px from {left}, {top} covered ({self.cover})"
            for left, top, right, bottom in self.covered
        )
        return (
            *boxes,
            *(f"{CHANGES[name].named} {CHANGES[name].amount(value)}" for name, value in self.values),
        )

    def facts(self) -> dict[str, Any]:
        """Convert to plain values for JSON; read_state converts them back."""
        return {
            "values": dict(self.values),
            "covered": [list(box) for box in self.covered],
            "cover": self.cover,
        }


def read_state(facts: Mapping[str, Any]) -> State:
    """Return the state of its facts. Raises InvalidRequest for invalid values, as State does."""
    boxes = tuple((left, top, right, bottom) for left, top, right, bottom in facts["covered"])
    return State(tuple(facts["values"].items()), boxes, facts["cover"])


def applied(film: Radiograph, state: State) -> Radiograph:
    """Apply a state to a film.

    Returns:
        A film of the same size with a note of the changes; the film itself if nothing is changed.
    """
    if not state.descriptions:
        return film
    pixels = cover(film.pixels, state.covered, state.cover)
    for name, value in state.values:
        pixels = CHANGES[name](pixels, value)
    return replace(film, pixels=pixels, notes=(*film.notes, f"What if: {', '.join(state.descriptions)}."))


def control_of(film: Radiograph, state: State) -> State | None:
    """The same changes with control boxes covered instead; None without covered boxes or without room."""
    elsewhere = controls(film.pixels, state.covered)
    return replace(state, covered=elsewhere) if elsewhere else None


@dataclass(frozen=True)
class History:
    """An undo and redo history of states.

    Attributes:
        states: All states, the first one first.
        place: Index of the current state.
    """

    states: tuple[State, ...] = (State(),)
    place: int = 0

    @property
    def now(self) -> State:
        """The current state."""
        return self.states[self.place]

    @property
    def can_undo(self) -> bool:
        """Whether there is an earlier state."""
        return self.place > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is a later state."""
        return self.place < len(self.states) - 1

    def then(self, state: State) -> History:
        """Add a state after the current one and discard later states; the current state changes nothing."""
        if state == self.now:
            return self
        return History((*self.states[: self.place + 1], state), self.place + 1)

    def undone(self) -> History:
        """Go back to the previous state, if there is one."""
        return History(self.states, max(0, self.place - 1))

    def redone(self) -> History:
        """Go forward to the next state, if there is one."""
        return History(self.states, min(len(self.states) - 1, self.place + 1))
