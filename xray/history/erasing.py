"""Erase the bytes of deleted films without rewriting the whole database.

Deleted rows leave copies in the pages of a database, in SQLite even with secure_delete: a page that is
rebuilt keeps old cells in its unused space. Therefore the table of films, which contains hashes, file names
and film keys, is rewritten. The larger thumbnails and comments cannot be decrypted without the film keys.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from xray.errors import HistoryUnavailable
from xray.history import opening
from xray.history.opening import database_errors
from xray.history.tables import Analysis, Base

FILMS = Analysis.__tablename__
CACHE_KB = 256_000  # table and indexes of 300,000 films; with SQLite's default of 2 MB it is ten times slower
ATTEMPT = 0.2  # seconds of one attempt, during which other writers wait
LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL's code


def erase(engine: Engine) -> None:
    """Remove the bytes of deleted films and values.

    Raises:
        HistoryUnavailable: If another program reads the history for too long.
    """
    with database_errors(engine.url):
        erased = _erase_file(engine) if engine.dialect.name == "sqlite" else _erase_on_server(engine)
    if not erased:
        raise HistoryUnavailable(
            "The deletion is done, but deleted bytes stay on the disk while another program reads the "
            "history.",
            hint="Close the other program and delete again.",
        )


def _erase_file(engine: Engine) -> bool:
    """Rewrite the table of films in SQLite and empty the write-ahead log."""
    with closing(engine.raw_connection()) as connection:
        connection.detach()  # closed afterwards, because its settings are changed
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=OFF")  # no cascade
        cursor.execute("PRAGMA temp_store=MEMORY")
        cursor.execute(f"PRAGMA cache_size=-{CACHE_KB}")
        cursor.execute("BEGIN IMMEDIATE")
        cursor.execute(f"CREATE TEMP TABLE copied AS SELECT * FROM {FILMS}")
        cursor.execute(f"DELETE FROM {FILMS}")  # frees every page, which secure_delete overwrites
        cursor.execute(f"INSERT INTO {FILMS} SELECT * FROM copied ORDER BY id")
        empty = not cursor.rowcount
        cursor.execute("DROP TABLE copied")
        cursor.execute("COMMIT")
        if empty:
            cursor.execute("VACUUM")
        cursor.execute(f"PRAGMA busy_timeout={int(ATTEMPT * 1000)}")
        return _repeated(lambda: not cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])


def _erase_on_server(engine: Engine) -> bool:
    """Rewrite the table of films in PostgreSQL and free the space of all deleted rows."""
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text(f"SET lock_timeout = {int(ATTEMPT * 1000)}"))

        def rewritten() -> bool:
            try:
                connection.execute(text(f"VACUUM FULL {FILMS}"))
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", "") != LOCK_NOT_AVAILABLE:
                    raise
                return False
            return True

        try:
            done = _repeated(rewritten)
            connection.execute(text(f"VACUUM (SKIP_LOCKED) {', '.join(Base.metadata.tables)}"))
        finally:
            connection.invalidate()  # closed instead of reused, because of its lock_timeout
    return done


def _repeated(attempt: Callable[[], bool]) -> bool:
    """Try until an attempt succeeds or the time is over; others can write between the attempts."""
    deadline = time.monotonic() + opening.PATIENCE
    while not attempt():
        if time.monotonic() > deadline:
            return False
        time.sleep(ATTEMPT)
    return True
