"""Writing the history: films with their answers, verdicts, what the user thinks of them, and deletion."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import URL, Engine, delete, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from xray.errors import HistoryUnavailable
from xray.history.crypto import WRONG_KEY, Key
from xray.history.opening import alone, opened, problems_told, writing
from xray.history.tables import (
    Analysis,
    Answer,
    Base,
    EvidenceVerdict,
    KeyCheck,
    Preference,
    Series,
    Thumbnail,
)
from xray.imaging.transforms import downsample
from xray.render.overlay import Drawing, downsampled_case, draw
from xray.types import Case, Check

WORD = b"history"
RACES = 3  # how often another program may be first
THUMBNAIL_SIDE = 160
ALL_VERDICTS = ("failed", "cannot be judged", "passed")  # the worst first


class Store:
    """The history of all owners. Every method names the owner whose rows it touches, and touches no others.

    Raises HistoryUnavailable where the database cannot be had or was written with another key.
    """

    def __init__(self, url: URL, key: Key) -> None:
        self.url, self.key = url, key
        self.engine: Engine = opened(url)
        with self.session(write=True) as session:
            alone(session.connection())
            kept = session.get(KeyCheck, 1)
            if kept is None:
                session.add(KeyCheck(id=1, word=key.encrypted(WORD)))
            elif key.decrypted(kept.word) != WORD:
                raise WRONG_KEY

    @property
    def place(self) -> str:
        """Where it is kept, in words without a password."""
        return f"the file {self.url.database}" if self.url.get_backend_name() == "sqlite" else "PostgreSQL"

    @contextmanager
    def session(self, *, write: bool = False) -> Iterator[Session]:
        """One transaction; what goes wrong in it is a sentence, and then nothing of it is kept."""
        engine = writing(self.engine) if write else self.engine
        with problems_told(self.url), Session(engine) as session, session.begin():
            yield session

    def keep(self, case: Case, owner: str = "", *, with_name: bool = False) -> int:
        """Keep a Case and give its number; of one kept before only the time it was opened is new."""
        for _ in range(RACES):
            try:
                return self._keep(case, owner, with_name=with_name)
            except HistoryUnavailable as error:
                if not isinstance(error.__cause__, IntegrityError):  # else another one kept the same just now
                    raise
        return self._keep(case, owner, with_name=with_name)

    def _keep(self, case: Case, owner: str, *, with_name: bool) -> int:
        film, said, now = case.radiograph, case.prediction, datetime.now(UTC)
        with self.session(write=True) as session:
            analysis = session.scalar(
                select(Analysis).where(
                    Analysis.owner == owner,
                    Analysis.pixels_sha256 == film.sha256,
                    Analysis.model_id == said.model_id,
                    Analysis.weights_sha256 == said.weights_sha256,
                )
            )
            if analysis is None:
                analysis = Analysis(
                    owner=owner,
                    at=now,
                    pixels_sha256=film.sha256,
                    model_id=said.model_id,
                    weights_sha256=said.weights_sha256,
                    most_likely=said.most_likely,
                    simulated=film.simulated,
                    gate_accepted=case.gate.accepted,
                    gate_kind=case.gate.kind,
                    gate_reason=case.gate.reason,
                )
                session.add(analysis)
            analysis.last_opened = now
            if with_name:
                analysis.file_name = film.name
            if analysis.id is None:
                session.flush()
                session.add_all(_answers(session, case, analysis))
                session.add(self._thumbnail(case, analysis.id))
            return analysis.id

    def _thumbnail(self, case: Case, number: int) -> Thumbnail:
        finding, picture = (
            case.prediction.most_likely,
            downsample(case.radiograph.pixels, THUMBNAIL_SIDE).pixels,
        )
        drawn: NDArray[Any] = np.rint(picture * 255).astype(np.uint8)
        method = ""
        if any(one.finding == finding for one in case.explanations):
            method = case.explanation(finding).method
            drawn = draw(downsampled_case(case, THUMBNAIL_SIDE), finding, Drawing())[..., ::-1]
        written = cv2.imencode(".jpg", drawn, [cv2.IMWRITE_JPEG_QUALITY, 75])[1].tobytes()
        return Thumbnail(
            analysis_id=number, finding=finding, method=method, picture=self.key.encrypted(written)
        )

    def add_verdicts(self, number: int, owner: str, finding: str, method: str, done: Iterable[Check]) -> None:
        """What checks said of a map of a kept film; a later word of the same check replaces the earlier."""
        with self.session(write=True) as session:
            analysis = _of(session, number, owner)
            if analysis is None:
                return
            for one in done:
                value = float(one.value) if math.isfinite(one.value) else None
                session.merge(
                    EvidenceVerdict(
                        analysis_id=number,
                        finding=finding,
                        method=method,
                        check=one.name,
                        verdict=one.verdict,
                        value=value,
                    )
                )
            session.flush()
            found = set(
                session.scalars(
                    select(EvidenceVerdict.verdict).where(EvidenceVerdict.analysis_id == number).distinct()
                )
            )
            analysis.evidence = next(one for one in ALL_VERDICTS if one in found)

    def say(self, number: int, owner: str, agrees: bool | None, comment: str = "") -> None:
        """Keep whether the owner agrees with an answer, and why, encrypted."""
        with self.session(write=True) as session:
            analysis = _of(session, number, owner)
            if analysis is not None:
                analysis.agrees = agrees
                analysis.comment = self.key.encrypted(comment.encode()) if comment else None

    def preference(self, owner: str) -> tuple[bool, bool]:
        """Whether results are kept, and file names with them: no to both until an owner said so."""
        with self.session() as session:
            found = session.get(Preference, owner)
            return (found.keep, found.keep_names) if found else (False, False)

    def prefer(self, owner: str, *, keep: bool, keep_names: bool) -> None:
        with self.session(write=True) as session:
            session.merge(Preference(owner=owner, keep=keep, keep_names=keep_names))

    def delete(self, owner: str, numbers: Iterable[int] | None = None) -> None:
        """Delete some films of an owner, by default all, and rewrite the database without them."""
        chosen = select(Analysis.id).where(Analysis.owner == owner)
        if numbers is not None:
            chosen = chosen.where(Analysis.id.in_(list(numbers)))
        with self.session(write=True) as session:
            session.execute(delete(Analysis).where(Analysis.id.in_(chosen)))
            unused = ~select(Answer.series_id).where(Answer.series_id == Series.id).exists()
            session.execute(delete(Series).where(Series.owner == owner, unused))
        self._rewrite()

    def forget_names(self, owner: str) -> None:
        """Delete the file names that were kept, and nothing else."""
        with self.session(write=True) as session:
            session.execute(update(Analysis).where(Analysis.owner == owner).values(file_name=None))
        self._rewrite()

    def _rewrite(self) -> None:
        """Leave no byte of deleted rows in the files of the database."""
        with problems_told(self.url):
            if self.url.get_backend_name() == "sqlite":
                return self._rewrite_file()
            with self.engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT")
                for table in Base.metadata.tables:
                    connection.execute(text(f"VACUUM FULL {table}"))

    def _rewrite_file(self) -> None:
        with closing(self.engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute("VACUUM")
            busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()  # waits for readers
        if busy:
            raise HistoryUnavailable(
                "The rows are deleted, but their bytes stay in the log while another program reads the "
                "history.",
                hint="Close the other program and delete once more.",
            )

    def close(self) -> None:
        self.engine.dispose()


def _of(session: Session, number: int, owner: str) -> Analysis | None:
    return session.scalar(select(Analysis).where(Analysis.id == number, Analysis.owner == owner))


def _answers(session: Session, case: Case, analysis: Analysis) -> Iterator[Answer]:
    """One answer for every finding, each in its series."""
    said = case.prediction
    facts = {name: getattr(analysis, name) for name in ("owner", "model_id", "weights_sha256", "simulated")}
    known = {one.finding: one for one in session.scalars(select(Series).filter_by(**facts))}
    missing = [Series(finding=finding, **facts) for finding in said.findings if finding not in known]
    session.add_all(missing)
    session.flush()
    known |= {one.finding: one for one in missing}
    for index, finding in enumerate(said.findings):
        yield Answer(
            analysis_id=analysis.id,
            series_id=known[finding].id,
            day=analysis.at.astimezone(UTC).date(),
            probability=float(said.probabilities[index]),
            operating_point=float(said.thresholds[index]),
            reached=said.at_operating_point(finding),
            answer=said.answer(finding),
        )
