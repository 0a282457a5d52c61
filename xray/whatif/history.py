"""A stack of states to go back and forth in."""

from __future__ import annotations

from dataclasses import dataclass

from xray.whatif.state import State


@dataclass(frozen=True)
class History:
    """states: from the first on; place: which of them holds now."""

    states: tuple[State, ...] = (State(),)
    place: int = 0

    @property
    def now(self) -> State:
        return self.states[self.place]

    @property
    def can_undo(self) -> bool:
        return self.place > 0

    @property
    def can_redo(self) -> bool:
        return self.place < len(self.states) - 1

    def then(self, state: State) -> History:
        """Another state from here on; what had been undone is gone. The same state again changes nothing."""
        if state == self.now:
            return self
        return History((*self.states[: self.place + 1], state), self.place + 1)

    def undone(self) -> History:
        return History(self.states, max(0, self.place - 1))

    def redone(self) -> History:
        return History(self.states, min(len(self.states) - 1, self.place + 1))
