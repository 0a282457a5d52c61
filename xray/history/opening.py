"""Opening the database: SQLite in the data folder or PostgreSQL by URL, its tables brought up to date."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from xray.errors import HistoryUnavailable
from xray.settings import settings

FILE = "history.sqlite3"
PATIENCE = 10  # seconds to wait for another writer
BEGINNING = 7_260_113  # PostgreSQL's lock for those who make tables and key


def database_url() -> URL:
    """Where the history is kept. Raises HistoryUnavailable for an XRAY_DATABASE_URL that is none."""
    given = settings().database_url.get_secret_value()
    if not given:
        return URL.create("sqlite", database=str(settings().data_dir / FILE))
    try:
        url = make_url(given)
    except ArgumentError:
        url = URL.create("unknown")
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in ("postgresql", "sqlite"):
        raise HistoryUnavailable(
            "XRAY_DATABASE_URL names no database that the history knows.",
            hint="Write it as postgresql://user:password@host/name.",
        )
    return url


def is_there(url: URL) -> bool:
    """Whether a history may have been kept already; nothing is created by asking."""
    return url.get_backend_name() != "sqlite" or Path(str(url.database)).exists()


def opened(url: URL) -> Engine:
    """An engine whose tables are up to date. Raises HistoryUnavailable."""
    with problems_told(url):
        if url.get_backend_name() == "sqlite":
            engine = _sqlite(url)
        else:
            engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": PATIENCE})
        try:
            with writing(engine).begin() as connection:
                migrate(connection)
        except CommandError as error:
            raise HistoryUnavailable(
                "The history was written by a newer version of this program.",
                hint="Update the program; nothing was changed.",
            ) from error
    return engine


def migrate(connection: Connection, revision: str = "head", *, down: bool = False) -> None:
    """Bring the tables up, or down, to a revision inside the connection's transaction."""
    alone(connection)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    (command.downgrade if down else command.upgrade)(config, revision)


def alone(connection: Connection) -> None:
    """Let one program at a time begin, until its transaction ends; SQLite lets but one write anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({BEGINNING})"))


def writing(engine: Engine) -> Engine:
    """The engine for transactions that write: SQLite then waits for other writers instead of failing."""
    return engine.execution_options(immediate=True)


@contextmanager
def problems_told(url: URL) -> Iterator[None]:
    """What a database or a disk may say, as a sentence without the URL, which may hold a password."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        if url.get_backend_name() == "sqlite":
            raise HistoryUnavailable(
                f"The history in {url.database} cannot be read or written ({_reason(error)}).",
                hint="Move the file away if it is damaged, or set XRAY_DATA_DIR to a folder that can be "
                "written and has room.",
            ) from error
        raise HistoryUnavailable(
            f"The history's database at {url.host or 'the local socket'} does not answer as it should.",
            hint="See whether PostgreSQL runs and XRAY_DATABASE_URL is right.",
        ) from error


def _reason(error: Exception) -> str:
    return str(getattr(error, "orig", None) or getattr(error, "strerror", None) or error)


def _sqlite(url: URL) -> Engine:
    """One file that only its owner can read. Write-ahead log: a reader never waits, a killed writer leaves
    the last whole transaction; secure_delete: what is deleted is overwritten.
    """
    path = Path(str(url.database))
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_engine(url, connect_args={"timeout": PATIENCE})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None  # transactions begin below, also around CREATE TABLE
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine
