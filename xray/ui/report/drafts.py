"""The drafts of reports that a session keeps."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from xray.report import Report
from xray.types import Case
from xray.ui.session import session


@dataclass
class Desk:
    """The drafts on one film and model.

    Attributes:
        drafts: Reports with the time at which they were written.
        saved: Indices of the drafts that were saved in the history.
        save_error: Why the last report could not be saved, or empty.
        shown: Index of the draft that is shown.
        chosen: Index of the selected sentence; -1 for none.
        editing: Whether the draft is being edited.
    """

    drafts: list[tuple[str, Report]] = field(default_factory=list)
    saved: set[int] = field(default_factory=set)
    save_error: str = ""
    shown: int = 0
    chosen: int = -1
    editing: bool = False

    @property
    def report(self) -> Report | None:
        """The draft that is shown."""
        return self.drafts[self.shown][1] if self.drafts else None

    def add(self, report: Report) -> None:
        """Add a draft and show it."""
        self.drafts.append((f"{datetime.now():%H:%M:%S}", report))
        self.show(len(self.drafts) - 1)

    def show(self, index: int) -> None:
        """Show a draft."""
        self.shown, self.chosen, self.editing = index, -1, False

    def choose(self, sentence: int) -> None:
        """Select a sentence of the draft; -1 for none."""
        self.chosen = sentence

    def edit(self, editing: bool) -> None:
        """Begin or end editing the draft."""
        self.editing = editing

    def accept(self) -> None:
        """Mark the draft as accepted."""
        time, report = self.drafts[self.shown]
        self.drafts[self.shown] = time, replace(report, accepted=True)

    def title(self, index: int) -> str:
        """Title of a draft: number, narrator, time and state."""
        time, report = self.drafts[index]
        states = [name for name in ("edited", "accepted") if getattr(report, name)]
        return " · ".join([f"{index + 1}", report.narrator, time, *states])


def desk_of(case: Case) -> Desk:
    """The drafts of a film and a model; dropped with the film (see xray.ui.session)."""
    return session().drafts.setdefault((case.radiograph.sha256, case.prediction.model_id), Desk())
