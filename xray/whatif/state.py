"""The state of the What-if page: changes and covered boxes, as one immutable value."""

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
    """values: names of changes with their values, those that are neutral left out, in the order in which they
    are applied. covered: boxes in source pixels, covered before anything else; cover: how.

    Raises InvalidRequest for an unknown change or cover, a value out of range, or an empty box.
    """

    values: tuple[tuple[str, float], ...] = ()
    covered: tuple[Box, ...] = ()
    cover: str = "blur"

    def __post_init__(self) -> None:
        given = dict(self.values)
        for name, value in given.items():
            one = CHANGES[name]
            if not one.low <= value <= one.high:
                raise InvalidRequest(
                    f"{one.title} cannot be {value:g}.", f"Give a value from {one.low:g} to {one.high:g}."
                )
        if self.cover not in COVERS:
            raise InvalidRequest(f"There is no cover {self.cover!r}.", f"There are: {', '.join(COVERS)}.")
        for left, top, right, bottom in self.covered:
            if not (0 <= left < right and 0 <= top < bottom):
                raise InvalidRequest(f"There is no box {left, top, right, bottom}.", "Draw it again.")
        kept = tuple(
            (name, float(given[name]))
            for name, one in CHANGES.items()
            if given.get(name, one.neutral) != one.neutral
        )
        object.__setattr__(self, "values", kept)

    def value(self, name: str) -> float:
        return dict(self.values).get(name, CHANGES[name].neutral)

    def at(self, name: str, value: float) -> State:
        """The same with one change at a value."""
        return replace(self, values=(*(one for one in self.values if one[0] != name), (name, value)))

    @property
    def told(self) -> tuple[str, ...]:
        """What was done, each in a few words."""
        boxes = (
            f"{right - left} × {bottom - top} px from {left}, {top} covered ({self.cover})"
            for left, top, right, bottom in self.covered
        )
        return (
            *boxes,
            *(f"{CHANGES[name].named} {CHANGES[name].amount(value)}" for name, value in self.values),
        )

    def facts(self) -> dict[str, Any]:
        """As JSON has it; see read_state."""
        return {
            "values": dict(self.values),
            "covered": [list(box) for box in self.covered],
            "cover": self.cover,
        }


def read_state(facts: Mapping[str, Any]) -> State:
    """A state from its facts. Raises InvalidRequest."""
    boxes = tuple((left, top, right, bottom) for left, top, right, bottom in facts["covered"])
    return State(tuple(facts["values"].items()), boxes, facts["cover"])


def applied(film: Radiograph, state: State) -> Radiograph:
    """The film changed, with a note of what was done; of the same size. Unchanged it is the film itself."""
    if not state.told:
        return film
    pixels = cover(film.pixels, state.covered, state.cover)
    for name, value in state.values:
        pixels = CHANGES[name](pixels, value)
    return replace(film, pixels=pixels, notes=(*film.notes, f"What if: {', '.join(state.told)}."))


def control_of(film: Radiograph, state: State) -> State | None:
    """The same changes with as much covered elsewhere on the body; none without cover, or without room."""
    elsewhere = controls(film.pixels, state.covered)
    return replace(state, covered=elsewhere) if elsewhere else None
