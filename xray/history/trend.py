"""A model's answers about one finding over time, added up in the database."""

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
    """Answers that can be compared: of one model with the same weights, of real or of simulated films."""

    series_id: int
    weights_sha256: str
    simulated: bool
    films: int
    last: date


@dataclass(frozen=True)
class Day:
    """films: how many; probability: their mean; reached: the share at or above the operating point."""

    day: date
    films: int
    probability: float
    reached: float


def series(store: Store, owner: str, model_id: str, finding: str) -> list[Weights]:
    """All that was ever answered: real films before simulated ones, the newest weights first."""
    rows = (
        select(Series.id, Series.weights_sha256, Series.simulated, func.count(), func.max(Answer.day))
        .join(Answer, Answer.series_id == Series.id)
        .where(Series.owner == owner, Series.model_id == model_id, Series.finding == finding)
        .group_by(Series.id, Series.weights_sha256, Series.simulated)
        .order_by(Series.simulated, func.max(Answer.day).desc(), Series.id.desc())
    )
    with store.session() as session:
        return [Weights(*row) for row in session.execute(rows)]


def by_day(store: Store, series_id: int) -> list[Day]:
    """One entry for every day (UTC) with films, in order."""
    rows = (
        select(
            Answer.day,
            func.count(),
            func.avg(Answer.probability),
            func.avg(cast(Answer.reached, Integer)),
        )
        .where(Answer.series_id == series_id)
        .group_by(Answer.day)
        .order_by(Answer.day)
    )
    with store.session() as session:
        found = session.execute(rows).all()
    return [Day(day, films, float(mean), float(reached)) for day, films, mean, reached in found]


def tenths(store: Store, series_id: int, since: date | None = None) -> NDArray[np.int64]:
    """How many films have a probability in each tenth of [0, 1], (10); since: from that day on."""
    tenth = cast(func.floor(Answer.probability * TENTHS), Integer)
    rows = select(tenth, func.count()).where(Answer.series_id == series_id).group_by(tenth)
    if since is not None:
        rows = rows.where(Answer.day >= since)
    counted = np.zeros(TENTHS, np.int64)
    with store.session() as session:
        for number, films in session.execute(rows):
            counted[min(number, TENTHS - 1)] += films
    return counted
