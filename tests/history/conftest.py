"""Every test of the store runs on SQLite and on a PostgreSQL server that is started for it."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import URL, create_engine, text

from xray.history.crypto import Key
from xray.history.store import Store

KEY = Key(Fernet(Fernet.generate_key()), "the tests")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[URL]:
    """A PostgreSQL server of Debian's package on a socket in a folder of its own."""
    versions = [path.parents[1] for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not versions:
        pytest.skip("no PostgreSQL server on this system (apt-get install postgresql)")
    versions = [path.parents[1] for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not versions:
        pytest.skip("no PostgreSQL server on this system (apt-get install postgresql)")
    programs = max(versions, key=lambda one: int(one.name)) / "bin"
    folder = Path(tempfile.mkdtemp(prefix="xray-pg-"))
    account: dict[str, int] = {}
    if os.getuid() == 0:  # which initdb refuses to be
        try:
            postgres = pwd.getpwnam("postgres")
        except KeyError:
            pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
        account = {"user": postgres.pw_uid, "group": postgres.pw_gid}
        os.chown(folder, postgres.pw_uid, postgres.pw_gid)

    def run(program: str, *options: str) -> None:
        command = [programs / program, *options]
        subprocess.run(command, check=True, capture_output=True, cwd=folder, extra_groups=[], **account)

    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    try:
        run("initdb", "-D", f"{folder}/data", "-U", "xray", "--auth=trust", "--no-sync", "--encoding=UTF8")
        run("pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield URL.create("postgresql+psycopg", "xray", database="postgres", query={"host": str(folder)})
        finally:
            run("pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path) -> URL:
    """An empty database."""
    if request.param == "sqlite":
        return URL.create("sqlite", database=str(tmp_path / "history.sqlite3"))
    server = request.getfixturevalue("postgresql")
    engine = create_engine(server)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return server


@pytest.fixture
def store(url) -> Iterator[Store]:
    store = Store(url, KEY)
    yield store
    store.close()
