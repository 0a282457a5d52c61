"""Reading the history: films that fit a filter, one page at a time, and all that is kept of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, func, or_, select

from xray.history.store import Store
from xray.history.tables import Analysis, Answer, EvidenceVerdict, Series, Thumbnail

Verdict = Literal["", "refused by the gate", "a check failed", "no check failed", "not checked"]
Feedback = Literal["", "agreed", "disagreed", "no word"]


@dataclass(frozen=True)
class Filter:
    """What to look for; empty values leave a thing open.

    search: part of a film's hash, or of a file name where names are kept. answer: of the finding: present,
    absent, cannot tell, or `at or above` and `below` for its operating point. since, until: [since, until).
    """

    search: str = ""
    model_id: str = ""
    finding: str = ""
    answer: str = ""
    verdict: Verdict = ""
    feedback: Feedback = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Line:
    """One film in a list. probability, answer: of the finding asked for, else of the most likely one."""

    id: int
    at: datetime
    last_opened: datetime
    pixels_sha256: str
    model_id: str
    finding: str
    probability: float
    answer: str
    gate_accepted: bool
    gate_kind: str
    evidence: str | None
    agrees: bool | None
    simulated: bool
    file_name: str | None
    thumbnail: bytes | None


@dataclass(frozen=True)
class Details:
    """All that is kept of one film. verdicts: finding, method, check, verdict; overlay: JPEG and of what."""

    analysis: Analysis
    comment: str
    answers: tuple[tuple[str, float, float, str], ...]
    verdicts: tuple[tuple[str, str, str, str], ...]
    overlay: bytes
    overlay_of: tuple[str, str]


def models(store: Store, owner: str) -> dict[str, tuple[str, ...]]:
    """The findings of every model that has answered, by its id."""
    with store.session() as session:
        rows = session.execute(
            select(Series.model_id, Series.finding)
            .where(Series.owner == owner)
            .group_by(Series.model_id, Series.finding)
            .order_by(Series.model_id, func.min(Series.id))
        ).all()
    found: dict[str, tuple[str, ...]] = {}
    for model_id, finding in rows:
        found[model_id] = (*found.get(model_id, ()), finding)
    return found


def fitting(owner: str, wanted: Filter) -> list[ColumnElement[bool]]:
    """The filter as conditions on Analysis."""
    conditions: list[ColumnElement[bool]] = [Analysis.owner == owner]
    if wanted.search:
        part = wanted.search.strip().lower()
        conditions.append(
            or_(
                Analysis.pixels_sha256.contains(part, autoescape=True),
                func.lower(Analysis.file_name).contains(part, autoescape=True),
            )
        )
    if wanted.model_id:
        conditions.append(Analysis.model_id == wanted.model_id)
    if wanted.since:
        conditions.append(Analysis.at >= wanted.since)
    if wanted.until:
        conditions.append(Analysis.at < wanted.until)
    if wanted.finding:
        conditions.append(Analysis.id.in_(_answered(owner, wanted)))
    evidence: dict[Verdict, ColumnElement[bool]] = {
        "refused by the gate": Analysis.gate_accepted.is_(False),
        "a check failed": Analysis.evidence == "failed",
        "no check failed": Analysis.evidence.in_(("passed", "cannot be judged")),
        "not checked": Analysis.evidence.is_(None),
    }
    words: dict[Feedback, ColumnElement[bool]] = {
        "agreed": Analysis.agrees.is_(True),
        "disagreed": Analysis.agrees.is_(False),
        "no word": Analysis.agrees.is_(None),
    }
    conditions += [evidence[wanted.verdict]] if wanted.verdict else []
    conditions += [words[wanted.feedback]] if wanted.feedback else []
    return conditions


def _answered(owner: str, wanted: Filter) -> Select[Any]:
    """The films with an answer, or the answer asked for, about a finding."""
    series = select(Series.id).where(Series.owner == owner, Series.finding == wanted.finding)
    if wanted.model_id:
        series = series.where(Series.model_id == wanted.model_id)
    found = select(Answer.analysis_id).where(Answer.series_id.in_(series))
    if wanted.answer in ("at or above", "below"):
        return found.where(Answer.reached.is_(wanted.answer == "at or above"))
    return found.where(Answer.answer == wanted.answer) if wanted.answer else found


def count(store: Store, owner: str, wanted: Filter | None = None) -> int:
    with store.session() as session:
        conditions = fitting(owner, wanted or Filter())
        return session.scalar(select(func.count(Analysis.id)).where(*conditions)) or 0


def page(store: Store, owner: str, wanted: Filter, first: int = 0, size: int = 25) -> list[Line]:
    """Films from the newest on, with their thumbnails. Raises HistoryUnavailable for a wrong key."""
    chosen = (
        select(Analysis.id)
        .where(*fitting(owner, wanted))
        .order_by(Analysis.at.desc(), Analysis.id.desc())
        .limit(size)
        .offset(first)
        .subquery()
    )
    finding = wanted.finding or Analysis.most_likely
    rows = (
        select(Analysis, Series.finding, Answer.probability, Answer.answer, Thumbnail.picture)
        .join(chosen, chosen.c.id == Analysis.id)
        .join(Answer, Answer.analysis_id == Analysis.id)
        .join(Series, (Series.id == Answer.series_id) & (Series.finding == finding))
        .outerjoin(Thumbnail, Thumbnail.analysis_id == Analysis.id)
        .order_by(Analysis.at.desc(), Analysis.id.desc())
    )
    with store.session() as session:
        return [_line(store, *row) for row in session.execute(rows)]


def _line(
    store: Store, one: Analysis, finding: str, probability: float, answer: str, picture: bytes | None
) -> Line:
    return Line(
        id=one.id,
        at=one.at,
        last_opened=one.last_opened,
        pixels_sha256=one.pixels_sha256,
        model_id=one.model_id,
        finding=finding,
        probability=probability,
        answer=answer,
        gate_accepted=one.gate_accepted,
        gate_kind=one.gate_kind,
        evidence=one.evidence,
        agrees=one.agrees,
        simulated=one.simulated,
        file_name=one.file_name,
        thumbnail=store.key.decrypted(picture) if picture else None,
    )


def seen(store: Store, owner: str, pixels_sha256: str) -> list[Line]:
    """What was kept of the same film, by any model, the one opened last first; without thumbnails."""
    rows = (
        select(Analysis, Series.finding, Answer.probability, Answer.answer)
        .where(Analysis.owner == owner, Analysis.pixels_sha256 == pixels_sha256)
        .join(Answer, Answer.analysis_id == Analysis.id)
        .join(Series, (Series.id == Answer.series_id) & (Series.finding == Analysis.most_likely))
        .order_by(Analysis.last_opened.desc(), Analysis.id.desc())
    )
    with store.session() as session:
        return [_line(store, *row, None) for row in session.execute(rows)]


def details(store: Store, owner: str, number: int) -> Details | None:
    """All of one film, or None where the owner has no such film."""
    with store.session() as session:
        analysis = session.scalar(select(Analysis).where(Analysis.id == number, Analysis.owner == owner))
        if analysis is None:
            return None
        answers = session.execute(
            select(Series.finding, Answer.probability, Answer.operating_point, Answer.answer)
            .join(Series)
            .where(Answer.analysis_id == number)
            .order_by(Series.id)
        ).all()
        verdicts = session.execute(
            select(
                EvidenceVerdict.finding,
                EvidenceVerdict.method,
                EvidenceVerdict.check,
                EvidenceVerdict.verdict,
            ).where(EvidenceVerdict.analysis_id == number)
        ).all()
        overlay = session.get_one(Thumbnail, number)
        session.expunge_all()
    return Details(
        analysis,
        store.key.decrypted(analysis.comment).decode() if analysis.comment else "",
        tuple((one[0], one[1], one[2], one[3]) for one in answers),
        tuple((one[0], one[1], one[2], one[3]) for one in verdicts),
        store.key.decrypted(overlay.picture),
        (overlay.finding, overlay.method),
    )
