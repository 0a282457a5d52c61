"""Films of the history that match a filter, page by page, and the details of a film."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from xray.history.filters import Filter, conditions
from xray.history.store import Store
from xray.history.tables import Analysis, Answer, EvidenceVerdict, SavedReport, Series, Thumbnail


@dataclass(frozen=True)
class Line:
    """One film in a list, with the values of the filter's finding or else the finding of the answer.

    A film that the input gate refused has no finding, answer and thumbnail, and NaN as its probability.

    Attributes:
        called: Whether the finding is at or above its operating point.
        statement: The answer as a sentence; empty for a refused film and in rows of earlier versions.
    """

    id: int
    at: datetime
    last_opened: datetime
    pixels_sha256: str
    model_id: str
    finding: str
    probability: float
    answer: str
    called: bool
    statement: str
    gate_accepted: bool
    gate_kind: str
    gate_reason: str
    evidence: str | None
    agrees: bool | None
    simulated: bool
    file_name: str | None
    thumbnail: bytes | None


@dataclass(frozen=True)
class Details:
    """Everything that is kept of one film.

    Attributes:
        analysis: Row of the database.
        comment: The user's comment, decrypted.
        answers: Finding, probability, operating point and answer of every finding.
        verdicts: Finding, method, check and verdict of every check.
        overlay: JPEG of the overlay; empty for a refused film.
        overlay_of: Finding and method of the overlay.
        reports: Number and time of every saved report.
    """

    analysis: Analysis
    comment: str
    answers: tuple[tuple[str, float, float, str], ...]
    verdicts: tuple[tuple[str, str, str, str], ...]
    overlay: bytes
    overlay_of: tuple[str, str]
    reports: tuple[tuple[int, datetime], ...]


def models(store: Store, owner: str) -> dict[str, tuple[str, ...]]:
    """The findings of every model in the history, by model id; none if all films were refused."""
    with store.session() as session:
        used = session.scalars(
            select(Analysis.model_id).where(Analysis.owner == owner).distinct().order_by(Analysis.model_id)
        ).all()
        rows = session.execute(
            select(Series.model_id, Series.finding)
            .where(Series.owner == owner)
            .group_by(Series.model_id, Series.finding)
            .order_by(Series.model_id, func.min(Series.id))
        ).all()
    found: dict[str, tuple[str, ...]] = dict.fromkeys(used, ())
    for model_id, finding in rows:
        found[model_id] = (*found.get(model_id, ()), finding)
    return found


def count(store: Store, owner: str, wanted: Filter | None = None) -> int:
    """Number of films that match a filter."""
    matching = select(func.count(Analysis.id)).where(*conditions(owner, wanted or Filter()))
    with store.session() as session:
        return session.scalar(matching) or 0


def page(store: Store, owner: str, wanted: Filter, first: int = 0, size: int = 25) -> list[Line]:
    """One page of the films that match a filter, newest first, with thumbnails.

    Args:
        store: The history.
        owner: Whose films.
        wanted: The filter.
        first: Number of films to skip.
        size: Number of films on a page.

    Raises:
        HistoryUnavailable: If the thumbnails were written with another key.
    """
    matching = (
        select(Analysis.id)
        .where(*conditions(owner, wanted))
        .order_by(Analysis.at.desc(), Analysis.id.desc())
        .limit(size)
        .offset(first)
        .subquery()
    )
    shown = (
        select(Answer.analysis_id, Series.finding, Answer.probability, Answer.answer, Answer.reached)
        .join(Series, Series.id == Answer.series_id)
        .join(matching, matching.c.id == Answer.analysis_id)
        .join(Analysis, Analysis.id == Answer.analysis_id)
        .where(Series.finding == (wanted.finding or Analysis.finding))
        .subquery()
    )
    rows = (
        select(
            Analysis,
            shown.c.finding,
            shown.c.probability,
            shown.c.answer,
            shown.c.reached,
            Thumbnail.picture,
        )
        .join(matching, matching.c.id == Analysis.id)
        .outerjoin(shown, shown.c.analysis_id == Analysis.id)
        .outerjoin(Thumbnail, Thumbnail.analysis_id == Analysis.id)
        .order_by(Analysis.at.desc(), Analysis.id.desc())
    )
    with store.session() as session:
        return [_line(store, *row) for row in session.execute(rows)]


def _line(
    store: Store,
    analysis: Analysis,
    finding: str | None,
    probability: float | None,
    answer: str | None,
    called: bool | None,
    picture: bytes | None,
) -> Line:
    return Line(
        id=analysis.id,
        at=analysis.at,
        last_opened=analysis.last_opened,
        pixels_sha256=analysis.pixels_sha256,
        model_id=analysis.model_id,
        finding=finding or "",
        probability=math.nan if probability is None else probability,
        answer=answer or "",
        called=bool(called),
        statement=analysis.statement or "",
        gate_accepted=analysis.gate_accepted,
        gate_kind=analysis.gate_kind,
        gate_reason=analysis.gate_reason,
        evidence=analysis.evidence,
        agrees=analysis.agrees,
        simulated=analysis.simulated,
        file_name=analysis.file_name,
        thumbnail=store.key.of_film(analysis.film_key).decrypted(picture) if picture else None,
    )


def seen(store: Store, owner: str, pixels_sha256: str) -> list[Line]:
    """Results of the same film by any model, the last opened first, without thumbnails and refusals."""
    rows = (
        select(Analysis, Series.finding, Answer.probability, Answer.answer, Answer.reached)
        .where(Analysis.owner == owner, Analysis.pixels_sha256 == pixels_sha256)
        .join(Answer, Answer.analysis_id == Analysis.id)
        .join(Series, (Series.id == Answer.series_id) & (Series.finding == Analysis.finding))
        .order_by(Analysis.last_opened.desc(), Analysis.id.desc())
    )
    with store.session() as session:
        return [_line(store, *row, None) for row in session.execute(rows)]


def details(store: Store, owner: str, number: int) -> Details | None:
    """Everything kept of one film, or None if the owner has no such film."""
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
        overlay = session.get(Thumbnail, number)
        reports = session.execute(
            select(SavedReport.id, SavedReport.at)
            .where(SavedReport.analysis_id == number)
            .order_by(SavedReport.id)
        ).all()
        session.expunge_all()
    key = store.key.of_film(analysis.film_key)
    return Details(
        analysis,
        key.decrypted(analysis.comment).decode() if analysis.comment else "",
        tuple((row[0], row[1], row[2], row[3]) for row in answers),
        tuple((row[0], row[1], row[2], row[3]) for row in verdicts),
        key.decrypted(overlay.picture) if overlay else b"",
        (overlay.finding, overlay.method) if overlay else ("", ""),
        tuple((row[0], row[1]) for row in reports),
    )
