"""Write the history: films with their answers, verdicts and feedback; delete them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import URL, Engine, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from xray.errors import HistoryUnavailable
from xray.history.crypto import WRONG_KEY, Key
from xray.history.erasing import erase
from xray.history.opening import database_errors, lock_setup, open_database, writing
from xray.history.record import Picture, Record, record_of
from xray.history.tables import (
    MAP,
    Analysis,
    Answer,
    EvidenceVerdict,
    KeyCheck,
    PracticeAnswer,
    Preference,
    Series,
    Thumbnail,
)
from xray.types import Case, Check, MapVerdict, Prediction, answer_of

KEY_CHECK_TEXT = b"history"
RETRIES = 3  # if another program writes the same film at the same time
ALL_VERDICTS = ("failed", "cannot be judged", "passed")  # the worst first


class Store:
    """The history of all owners; every method reads or changes the rows of one owner only.

    Args:
        url: Database, see opening.database_url.
        key: Key for thumbnails and comments.

    Raises:
        HistoryUnavailable: If the database cannot be opened or was written with another key.
    """

    def __init__(self, url: URL, key: Key) -> None:
        self.url, self.key = url, key
        self.engine: Engine = open_database(url)
        with self.session(write=True) as session:
            lock_setup(session.connection())
            key_check = session.get(KeyCheck, 1)
            if key_check is None:
                session.add(KeyCheck(id=1, word=key.encrypted(KEY_CHECK_TEXT)))
            elif key.decrypted(key_check.word) != KEY_CHECK_TEXT:
                raise WRONG_KEY

    @property
    def place(self) -> str:
        """Description of where the history is stored, without a password."""
        return f"the file {self.url.database}" if self.url.get_backend_name() == "sqlite" else "PostgreSQL"

    @contextmanager
    def session(self, *, write: bool = False) -> Iterator[Session]:
        """One transaction, rolled back on error. Raises HistoryUnavailable for database errors."""
        engine = writing(self.engine) if write else self.engine
        with database_errors(self.url), Session(engine) as session, session.begin():
            yield session

    def keep(self, result: Case | Record, owner: str = "", *, with_name: bool = False) -> int:
        """Save a result and return its number. If it exists already, only its last_opened changes.

        A film that was refused before and is now analyzed keeps its number and gets its answers.

        Args:
            result: Result of an analysis, or a record of it.
            owner: Whose history.
            with_name: Whether to save the file name, too.
        """
        record = result if isinstance(result, Record) else record_of(result)
        for _ in range(RETRIES):
            try:
                return self._keep(record, owner, with_name=with_name)
            except HistoryUnavailable as error:
                # IntegrityError: another program saved the same film just now
                if not isinstance(error.__cause__, IntegrityError):
                    raise
        return self._keep(record, owner, with_name=with_name)

    def _keep(self, record: Record, owner: str, *, with_name: bool) -> int:
        key = {
            "owner": owner,
            "pixels_sha256": record.pixels_sha256,
            "model_id": record.model_id,
            "weights_sha256": record.weights_sha256,
        }
        with self.session(write=True) as session:
            now = datetime.now(UTC)
            analysis = session.scalar(select(Analysis).filter_by(**key))
            if analysis is None:
                analysis = Analysis(
                    **key,
                    at=now,
                    last_opened=now,
                    finding="",
                    simulated=record.simulated,
                    gate_accepted=record.gate.accepted,
                    gate_kind=record.gate.kind,
                    gate_reason=record.gate.reason,
                    film_key=self.key.new_film_key(),
                )
                session.add(analysis)
            analysis.last_opened = now
            if with_name:
                analysis.file_name = record.name
            session.flush()
            if record.prediction is not None and not analysis.finding:
                answer = answer_of(record.prediction, record.gate)
                analysis.finding, analysis.statement = answer.finding, answer.statement
                session.add_all(_answers(session, record.prediction, analysis))
                if record.picture is not None:
                    session.add(self._thumbnail(record.picture(), analysis))
            return analysis.id

    def _thumbnail(self, picture: Picture, analysis: Analysis) -> Thumbnail:
        return Thumbnail(
            analysis_id=analysis.id,
            finding=analysis.finding,
            method=picture.method,
            picture=self.key.of_film(analysis.film_key).encrypted(picture.jpeg),
        )

    def add_verdicts(
        self,
        number: int,
        owner: str,
        finding: str,
        method: str,
        checks: Iterable[Check],
        on_map: MapVerdict | None = None,
    ) -> None:
        """Save the results of checks on a map; a new result of the same check replaces the old one.

        Args:
            number: Number of the film.
            owner: Whose history.
            finding: The finding that the map explains.
            method: Its method.
            checks: Its checks.
            on_map: The verdict on the map, saved like a check of the name MAP.
        """
        results: list[tuple[str, str, float]] = [(check.name, check.verdict, check.value) for check in checks]
        if on_map:
            results.append((MAP, on_map.support, on_map.score))
        with self.session(write=True) as session:
            analysis = _of(session, number, owner)
            if analysis is None:
                return
            for name, verdict, value in results:
                session.merge(
                    EvidenceVerdict(
                        analysis_id=number,
                        finding=finding,
                        method=method,
                        check=name,
                        verdict=verdict,
                        value=float(value) if math.isfinite(value) else None,
                    )
                )
            session.flush()
            found = set(
                session.scalars(
                    select(EvidenceVerdict.verdict).where(EvidenceVerdict.analysis_id == number).distinct()
                )
            )
            worst_first = (verdict for verdict in ALL_VERDICTS if verdict in found)
            analysis.evidence = next(worst_first, analysis.evidence)

    def set_feedback(self, number: int, owner: str, agrees: bool | None, comment: str = "") -> None:
        """Save whether the owner agrees with an answer, and an encrypted comment."""
        with self.session(write=True) as session:
            analysis = _of(session, number, owner)
            if analysis is not None:
                analysis.agrees = agrees
                key = self.key.of_film(analysis.film_key)
                analysis.comment = key.encrypted(comment.encode()) if comment else None

    def preference(self, owner: str) -> tuple[bool, bool]:
        """Whether results and file names are kept; neither by default."""
        with self.session() as session:
            preference = session.get(Preference, owner)
            return (preference.keep, preference.keep_names) if preference else (False, False)

    def set_preference(self, owner: str, *, keep: bool, keep_names: bool) -> None:
        """Save whether results and file names are kept."""
        with self.session(write=True) as session:
            session.merge(Preference(owner=owner, keep=keep, keep_names=keep_names))

    def delete(self, owner: str, numbers: Iterable[int] | None = None) -> None:
        """Delete films of an owner so that no content of them can be recovered; with all films, answers, too.

        Args:
            owner: Whose films.
            numbers: Numbers of the films; by default all.
        """
        chosen = select(Analysis.id).where(Analysis.owner == owner)
        if numbers is not None:
            chosen = chosen.where(Analysis.id.in_(list(numbers)))
        with self.session(write=True) as session:
            session.execute(delete(Analysis).where(Analysis.id.in_(chosen)))
            if numbers is None:
                session.execute(delete(PracticeAnswer).where(PracticeAnswer.owner == owner))
            unused = ~select(Answer.series_id).where(Answer.series_id == Series.id).exists()
            session.execute(delete(Series).where(Series.owner == owner, unused))
        erase(self.engine)

    def forget_names(self, owner: str) -> None:
        """Delete the file names only."""
        with self.session(write=True) as session:
            session.execute(update(Analysis).where(Analysis.owner == owner).values(file_name=None))
        erase(self.engine)

    def close(self) -> None:
        """Close the connections to the database."""
        self.engine.dispose()


def _of(session: Session, number: int, owner: str) -> Analysis | None:
    return session.scalar(select(Analysis).where(Analysis.id == number, Analysis.owner == owner))


def _answers(session: Session, prediction: Prediction, analysis: Analysis) -> Iterator[Answer]:
    """The answer for every finding, each in its series."""
    facts = {name: getattr(analysis, name) for name in ("owner", "model_id", "weights_sha256", "simulated")}
    known = {series.finding: series for series in session.scalars(select(Series).filter_by(**facts))}
    missing = [Series(finding=finding, **facts) for finding in prediction.findings if finding not in known]
    session.add_all(missing)
    session.flush()
    known |= {series.finding: series for series in missing}
    for index, finding in enumerate(prediction.findings):
        yield Answer(
            analysis_id=analysis.id,
            series_id=known[finding].id,
            day=analysis.at.astimezone(UTC).date(),
            probability=float(prediction.probabilities[index]),
            operating_point=float(prediction.thresholds[index]),
            reached=prediction.at_operating_point(finding),
            answer=prediction.answer(finding),
        )
