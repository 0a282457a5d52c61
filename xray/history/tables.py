"""The database tables: results of analyzed films, with file names only if the user enables them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    Date,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

MAP = "map"  # name under which the verdict on a map is stored beside its checks


class Instant(TypeDecorator[datetime]):
    """A time in UTC; SQLite does not store time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Convert a time for the database."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Convert a time from the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base class of the tables."""


class Analysis(Base):
    """One film and one model; unique for each owner, so a reopened film is not counted again.

    Attributes:
        owner: Name of the signed-in user, or empty.
        finding: The finding of the answer (see types.Answer); empty for a film that the input gate refused.
        statement: The answer as a sentence; None for a refused film and in rows of earlier versions.
        file_name: None unless the user keeps names.
        evidence: The worst verdict of the checks, None without checks.
        agrees: The user's feedback, None without.
        comment: Encrypted with the film's key.
        film_key: Key of the film, encrypted with the key of the history, which encrypts the content of films
            without a key (stored by earlier versions).
    """

    __tablename__ = "analyses"
    __table_args__ = (
        UniqueConstraint("owner", "pixels_sha256", "model_id", "weights_sha256", name="one_per_film"),
        Index("analyses_by_time", "owner", "at"),
        Index("analyses_by_model", "owner", "model_id", "at"),
        {"sqlite_autoincrement": True},  # ids of deleted rows are not reused
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(512))
    at: Mapped[datetime] = mapped_column(Instant)
    last_opened: Mapped[datetime] = mapped_column(Instant)
    pixels_sha256: Mapped[str] = mapped_column(String(64))
    model_id: Mapped[str] = mapped_column(String(200))
    weights_sha256: Mapped[str] = mapped_column(String(64))
    finding: Mapped[str] = mapped_column(String(200))
    statement: Mapped[str | None]
    simulated: Mapped[bool]
    gate_accepted: Mapped[bool]
    gate_kind: Mapped[str] = mapped_column(String(40))
    gate_reason: Mapped[str]
    file_name: Mapped[str | None]
    evidence: Mapped[str | None] = mapped_column(String(20))
    agrees: Mapped[bool | None]
    comment: Mapped[bytes | None] = mapped_column(LargeBinary)
    film_key: Mapped[bytes | None] = mapped_column(LargeBinary)


class Series(Base):
    """Answers that are comparable over time: of one owner, one model with the same weights, one finding."""

    __tablename__ = "series"
    __table_args__ = (
        UniqueConstraint(
            "owner", "model_id", "finding", "weights_sha256", "simulated", name="one_per_finding"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(512))
    model_id: Mapped[str] = mapped_column(String(200))
    weights_sha256: Mapped[str] = mapped_column(String(64))
    finding: Mapped[str] = mapped_column(String(200))
    simulated: Mapped[bool]


class Answer(Base):
    """The answer for one finding; day duplicates the day of the analysis, so that an index covers a trend."""

    __tablename__ = "answers"
    __table_args__ = (
        Index("answers_over_time", "series_id", "day", "probability", "reached"),
        Index("answers_by_kind", "series_id", "answer", "analysis_id"),
    )

    analysis_id: Mapped[int] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"), primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date)
    probability: Mapped[float] = mapped_column(Double)
    operating_point: Mapped[float] = mapped_column(Double)
    reached: Mapped[bool]
    answer: Mapped[str] = mapped_column(String(20))


class Thumbnail(Base):
    """The overlay of one finding as a small JPEG, encrypted with the film's key."""

    __tablename__ = "thumbnails"

    analysis_id: Mapped[int] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"), primary_key=True)
    finding: Mapped[str] = mapped_column(String(200))
    method: Mapped[str] = mapped_column(String(80))
    picture: Mapped[bytes] = mapped_column(LargeBinary)


class EvidenceVerdict(Base):
    """The result of a check on a map of one method and finding; under the name MAP, the verdict on it."""

    __tablename__ = "verdicts"

    analysis_id: Mapped[int] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"), primary_key=True)
    finding: Mapped[str] = mapped_column(String(200), primary_key=True)
    method: Mapped[str] = mapped_column(String(80), primary_key=True)
    check: Mapped[str] = mapped_column("check_name", String(80), primary_key=True)
    verdict: Mapped[str] = mapped_column(String(20))
    value: Mapped[float | None] = mapped_column(Double)


class SavedReport(Base):
    """An accepted report with its Case and its checks, encrypted with the film's key; see history.reports."""

    __tablename__ = "reports"

    id: Mapped[int] = mapped_column(primary_key=True)
    analysis_id: Mapped[int] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class PracticeAnswer(Base):
    """A film that an owner read on the Learn page, encrypted; see history.practice.

    Attributes:
        film: Hash of the deck and the number of the film; the first answer to a film is kept.
    """

    __tablename__ = "practice"
    __table_args__ = (UniqueConstraint("owner", "film", name="one_answer_per_film"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(512))
    film: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Preference(Base):
    """Whether results and file names of an owner are kept."""

    __tablename__ = "preferences"

    owner: Mapped[str] = mapped_column(String(512), primary_key=True)
    keep: Mapped[bool]
    keep_names: Mapped[bool]


class KeyCheck(Base):
    """A known text, encrypted, to detect a wrong key before anything is read or written."""

    __tablename__ = "key_check"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    word: Mapped[bytes] = mapped_column(LargeBinary)
