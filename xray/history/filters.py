"""Filter of the films in the history, and its conditions in SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, func, or_, select

from xray.history.tables import MAP, Analysis, Answer, EvidenceVerdict, Series
from xray.types.explanation import Support

Verdict = Literal[
    "",
    "refused by the gate",
    "map supported",
    "map not supported",
    "map: cannot tell",
    "a check failed",
    "no check failed",
    "not checked",
]
Feedback = Literal["", "agreed", "disagreed", "no feedback"]


@dataclass(frozen=True)
class Filter:
    """Conditions on films; empty values match everything.

    Attributes:
        search: Part of a film's hash, or of its file name if names are kept.
        model_id: Id of the model.
        finding: Name of the finding.
        answer: Answer for the finding: present, absent, cannot tell, or `at or above` and `below` for its
            operating point.
        verdict: Result of the gate or of the checks.
        feedback: The user's feedback.
        since: Earliest time of the analysis.
        until: First time that no longer matches.
    """

    search: str = ""
    model_id: str = ""
    finding: str = ""
    answer: str = ""
    verdict: Verdict = ""
    feedback: Feedback = ""
    since: datetime | None = None
    until: datetime | None = None


def conditions(owner: str, wanted: Filter) -> list[ColumnElement[bool]]:
    """The filter as conditions on Analysis."""
    found: list[ColumnElement[bool]] = [Analysis.owner == owner]
    if wanted.search:
        part = wanted.search.strip().lower()
        found.append(
            or_(
                Analysis.pixels_sha256.contains(part, autoescape=True),
                func.lower(Analysis.file_name).contains(part, autoescape=True),
            )
        )
    if wanted.model_id:
        found.append(Analysis.model_id == wanted.model_id)
    if wanted.since:
        found.append(Analysis.at >= wanted.since)
    if wanted.until:
        found.append(Analysis.at < wanted.until)
    if wanted.finding:
        found.append(Analysis.id.in_(_answered(owner, wanted)))

    def on_map(support: Support) -> ColumnElement[bool]:
        """Films with a map that has this verdict."""
        maps = select(EvidenceVerdict.analysis_id).where(EvidenceVerdict.check == MAP)
        return Analysis.id.in_(maps.where(EvidenceVerdict.verdict == support))

    evidence: dict[Verdict, ColumnElement[bool]] = {
        "map supported": on_map("supported"),
        "map not supported": on_map("not supported"),
        "map: cannot tell": on_map("cannot tell"),
        "refused by the gate": Analysis.gate_accepted.is_(False),
        "a check failed": Analysis.evidence == "failed",
        "no check failed": Analysis.evidence.in_(("passed", "cannot be judged")),
        "not checked": Analysis.evidence.is_(None) & (Analysis.finding != ""),
    }
    feedback: dict[Feedback, ColumnElement[bool]] = {
        "agreed": Analysis.agrees.is_(True),
        "disagreed": Analysis.agrees.is_(False),
        "no feedback": Analysis.agrees.is_(None),
    }
    if wanted.verdict:
        found.append(evidence[wanted.verdict])
    if wanted.feedback:
        found.append(feedback[wanted.feedback])
    return found


def _answered(owner: str, wanted: Filter) -> Select[Any]:
    """The films with any answer, or the answer of the filter, for its finding."""
    series = select(Series.id).where(Series.owner == owner, Series.finding == wanted.finding)
    if wanted.model_id:
        series = series.where(Series.model_id == wanted.model_id)
    found = select(Answer.analysis_id).where(Answer.series_id.in_(series))
    if wanted.answer in ("at or above", "below"):
        return found.where(Answer.reached.is_(wanted.answer == "at or above"))
    return found.where(Answer.answer == wanted.answer) if wanted.answer else found
