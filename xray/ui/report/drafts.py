"""The drafts of reports that a session keeps."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from xray.report import Report
from xray.types import Case
from xray.ui.session import session


@dataclass
class Desk:
    """drafts: reports with the time they were written. shown: which of them. chosen: which sentence."""

    drafts: list[tuple[str, Report]] = field(default_factory=list)
    shown: int = 0
    chosen: int = -1
    editing: bool = False

    @property
    def report(self) -> Report | None:
        return self.drafts[self.shown][1] if self.drafts else None

    def add(self, report: Report) -> None:
        self.drafts.append((f"{datetime.now():%H:%M:%S}", report))
        self.show(len(self.drafts) - 1)

    def show(self, index: int) -> None:
        self.shown, self.chosen, self.editing = index, -1, False

    def choose(self, sentence: int) -> None:
        self.chosen = sentence

    def edit(self, editing: bool) -> None:
        self.editing = editing

    def accept(self) -> None:
        when, report = self.drafts[self.shown]
        self.drafts[self.shown] = when, replace(report, accepted=True)

    def title(self, index: int) -> str:
        when, report = self.drafts[index]
        marks = [name for name in ("edited", "accepted") if getattr(report, name)]
        return " · ".join([f"{index + 1}", report.narrator, when, *marks])


def desk_of(case: Case) -> Desk:
    """The drafts of a film and a model; dropped with the film (see xray.ui.session)."""
    return session().drafts.setdefault((case.radiograph.sha256, case.prediction.model_id), Desk())
