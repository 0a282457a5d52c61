"""A model's answers for one finding over time, aggregated in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Integer, cast, func, select

from xray.history.drift import TENTHS
from xray.history.store import Store
from xray.history.tables import Answer, Series


@dataclass(frozen=True)
class Weights:
    """A series of comparable answers: of one model with the same weights, on real or on simulated films."""

    series_id: int
    weights_sha256: str
    simulated: bool
    films: int
    last: date


@dataclass(frozen=True)
class Day:
    """Answers of one day.

    Attributes:
        day: The day in UTC.
        films: Number of films.
        probability: Mean probability.
        reached: Share of films at or above the operating point.
    """

    day: date
    films: int
    probability: float
    reached: float


def series(store: Store, owner: str, model_id: str, finding: str) -> list[Weights]:
    """The series of a model and a finding: real films before simulated ones, the newest weights first."""
    rows = (
        select(Series.id, Series.weights_sha256, Series.simulated, func.count(), func.max(Answer.day))
        .join(Answer, Answer.series_id == Series.id)
        .where(Series.owner == owner, Series.model_id == model_id, Series.finding == finding)
        .group_by(Series.id, Series.weights_sha256, Series.simulated)
        .order_by(Series.simulated, func.max(Answer.day).desc(), Series.id.desc())
    )
    with store.session() as session:
        return [Weights(*row) for row in session.execute(rows)]


def by_day(store: Store, owner: str, series_id: int) -> list[Day]:
    """One entry for every day (UTC) with films, in order of days; none for a series of another owner."""
    rows = (
        select(
            Answer.day,
            func.count(),
            func.avg(Answer.probability),
            func.avg(cast(Answer.reached, Integer)),
        )
        .join(Series, Series.id == Answer.series_id)
        .where(Series.id == series_id, Series.owner == owner)
        .group_by(Answer.day)
        .order_by(Answer.day)
    )
    with store.session() as session:
        found = session.execute(rows).all()
    return [Day(day, films, float(mean), float(reached)) for day, films, mean, reached in found]


def tenths(store: Store, owner: str, series_id: int, since: date | None = None) -> NDArray[np.int64]:
    """Counts (10) of films of an owner's series in each tenth of probability, optionally since a day."""
    tenth = cast(func.floor(Answer.probability * TENTHS), Integer)
    rows = (
        select(tenth, func.count())
        .join(Series, Series.id == Answer.series_id)
        .where(Series.id == series_id, Series.owner == owner)
        .group_by(tenth)
    )
    if since is not None:
        rows = rows.where(Answer.day >= since)
    counts = np.zeros(TENTHS, np.int64)
    with store.session() as session:
        for number, films in session.execute(rows):
            counts[min(number, TENTHS - 1)] += films
    return counts
