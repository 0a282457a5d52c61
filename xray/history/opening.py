"""Open the database, SQLite in the data folder or PostgreSQL by URL, and migrate its tables."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from filelock import FileLock
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from xray.errors import HistoryUnavailable
from xray.settings import settings

FILE = "history.sqlite3"
PATIENCE = 30  # seconds to wait for another writer
SETUP_LOCK = 7_260_113  # PostgreSQL's advisory lock for creating the tables and the key


def database_url() -> URL:
    """The URL of the database. Raises HistoryUnavailable if XRAY_DATABASE_URL is invalid."""
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
            "XRAY_DATABASE_URL is not the URL of a supported database.",
            hint="Write it as postgresql://user:password@host/name.",
        )
    return url


def exists(url: URL) -> bool:
    """Whether a history may exist already; nothing is created."""
    return url.get_backend_name() != "sqlite" or Path(str(url.database)).exists()


def open_database(url: URL) -> Engine:
    """Open a database and migrate its tables. Raises HistoryUnavailable."""
    with database_errors(url):
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
    """Upgrade or downgrade the tables to a revision, in the connection's transaction."""
    lock_setup(connection)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    (command.downgrade if down else command.upgrade)(config, revision)


def lock_setup(connection: Connection) -> None:
    """Lock the setup of the database until the transaction ends; SQLite has a single writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({SETUP_LOCK})"))


def writing(engine: Engine) -> Engine:
    """The engine for write transactions, in which SQLite waits for other writers instead of failing."""
    return engine.execution_options(immediate=True)


@contextmanager
def database_errors(url: URL) -> Iterator[None]:
    """Raise database and disk errors as HistoryUnavailable, without the URL, which may contain a password."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        if url.get_backend_name() == "sqlite":
            raise HistoryUnavailable(
                f"The history in {url.database} cannot be read or written ({_reason(error)}).",
                hint="Move the file away if it is damaged, or set XRAY_DATA_DIR to a writable folder "
                "with free space.",
            ) from error
        raise HistoryUnavailable(
            f"The history's database at {url.host or 'the local socket'} cannot be used.",
            hint="Check that PostgreSQL is running and that XRAY_DATABASE_URL is correct.",
        ) from error


def _reason(error: Exception) -> str:
    return str(getattr(error, "orig", None) or getattr(error, "strerror", None) or error)


def _sqlite(url: URL) -> Engine:
    """Open a database file that only its owner can read.

    With the write-ahead log readers never wait and a killed writer loses only its transaction; secure_delete
    overwrites deleted content.
    """
    path = Path(str(url.database))
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    # SQLite stores the journal mode in the file, and does not wait for other connections while it changes
    with FileLock(f"{path}.lock", timeout=PATIENCE, mode=0o600), closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    engine = create_engine(url, connect_args={"timeout": PATIENCE})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None  # transactions begin below, also around CREATE TABLE
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine
