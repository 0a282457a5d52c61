"""Opening: tables are brought up to date from every revision, keys and damage get sentences."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor

import keyring
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from cryptography.fernet import Fernet
from keyring.backend import KeyringBackend
from keyring.backends import fail
from sqlalchemy import URL, column, insert, inspect, select, table

from tests.history.conftest import KEY
from tests.history.planted import case
from xray.errors import HistoryUnavailable
from xray.history import opening, query
from xray.history.crypto import KEY_FILE, Key, history_key
from xray.history.filters import Filter
from xray.history.opening import migrate, open_database
from xray.history.store import Store
from xray.history.tables import Base
from xray.settings import settings

MIGRATIONS = opening.Path(opening.__file__).parent / "migrations"


def revisions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return [one.revision for one in ScriptDirectory.from_config(config).walk_revisions()][::-1]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A data folder without a key from outside."""
    monkeypatch.setenv("XRAY_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("XRAY_HISTORY_KEY", raising=False)
    monkeypatch.delenv("XRAY_DATABASE_URL", raising=False)
    settings.cache_clear()
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    yield tmp_path / "data"
    keyring.set_keyring(before)
    monkeypatch.undo()
    settings.cache_clear()


class Remembering(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service, username):
        return self.held.get((service, username))

    def set_password(self, service, username, password):
        self.held[service, username] = password

    def delete_password(self, service, username):
        del self.held[service, username]


def test_the_migrations_make_the_tables_that_the_program_expects(url):
    engine = open_database(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        assert context.get_current_revision() == revisions()[-1]
    engine.dispose()


@pytest.mark.parametrize("revision", revisions())
def test_from_every_revision_up_and_down_rows_stay(url, revision):
    engine = open_database(url)
    with opening.writing(engine).begin() as connection:
        migrate(connection, revision, down=True)
        names = {one["name"] for one in inspect(connection).get_columns("analyses")}
        old = dict.fromkeys(names - {"id", "evidence", "agrees", "comment", "film_key"}, "x")
        old |= dict.fromkeys(("at", "last_opened"), "2026-01-02 03:04:05.000000")
        old |= {"simulated": False, "gate_accepted": True}
        connection.execute(insert(table("analyses", *map(column, old))).values(old))
    engine.dispose()
    store = Store(url, KEY)
    with store.session() as session:
        kept = session.scalars(select(query.Analysis)).one()
        assert (kept.model_id, kept.agrees, kept.at.year) == ("x", None, 2026)
    store.keep(case())
    with opening.writing(store.engine).begin() as connection:
        migrate(connection, "base", down=True)
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
    store.close()


def test_films_of_earlier_versions_list_the_call(url):
    store = Store(url, KEY)
    number = store.keep(case(1, (0.4, 0.3, 0.2)))
    with opening.writing(store.engine).begin() as connection:
        migrate(connection, "0004", down=True)
        connection.exec_driver_sql("UPDATE analyses SET most_likely = 'Effusion'")
    store.close()
    store = Store(url, KEY)
    (line,) = query.page(store, "", Filter())
    assert (line.id, line.finding, line.called, line.statement) == (number, "Mass", True, "")
    store.close()


def test_a_newer_database_is_refused_and_left_alone(url):
    engine = open_database(url)
    with opening.writing(engine).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(HistoryUnavailable, match="newer version"):
        open_database(url)


def test_a_wrong_key_is_a_sentence_and_nothing_is_lost(url):
    store = Store(url, KEY)
    number = store.keep(case())
    store.set_feedback(number, "", True, "a note")
    store.close()
    with pytest.raises(HistoryUnavailable, match="written with another key"):
        Store(url, Key(Fernet(Fernet.generate_key()), "elsewhere"))
    again = Store(url, KEY)
    assert query.details(again, "", number).comment == "a note"
    assert query.page(again, "", Filter())[0].thumbnail
    again.close()


def test_programs_that_begin_at_once_make_one_history(url, folder):
    with ThreadPoolExecutor(8) as threads:
        keys = list(threads.map(lambda _: history_key(), range(8)))
        stores = list(threads.map(lambda key: Store(url, key), keys))
    number = stores[0].keep(case())
    assert all(query.details(one, "", number).overlay for one in stores)
    for one in stores:
        one.close()


def test_without_a_keyring_the_key_is_a_file_that_only_its_owner_reads(folder):
    made = history_key()
    path = folder / KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert made.place == f"the file {path}"
    assert history_key().decrypted(made.encrypted(b"word")) == b"word"
    keyring.set_keyring(Remembering())
    assert history_key().decrypted(made.encrypted(b"word")) == b"word", "a later keyring changes nothing"
    path.write_text("no key")
    with pytest.raises(HistoryUnavailable, match="is not a valid key"):
        history_key()


def test_a_keyring_holds_the_key_where_there_is_one(folder):
    keyring.set_keyring(Remembering())
    made = history_key()
    assert made.place == "the system keyring"
    assert history_key().decrypted(made.encrypted(b"word")) == b"word"
    assert not folder.exists()


def test_a_key_given_by_the_environment_goes_before_all(folder, monkeypatch):
    keyring.set_keyring(Remembering())
    given = Fernet.generate_key()
    monkeypatch.setenv("XRAY_HISTORY_KEY", given.decode())
    settings.cache_clear()
    assert Fernet(given).decrypt(history_key().encrypted(b"word")) == b"word"
    monkeypatch.setenv("XRAY_HISTORY_KEY", "short")
    settings.cache_clear()
    with pytest.raises(HistoryUnavailable, match="XRAY_HISTORY_KEY is not a valid key"):
        history_key()


def test_the_database_is_where_the_settings_say(folder, monkeypatch):
    assert opening.database_url() == URL.create("sqlite", database=str(folder / opening.FILE))
    assert not opening.exists(opening.database_url())
    Store(opening.database_url(), history_key()).close()
    assert opening.exists(opening.database_url())
    assert {stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()} == {0o600}
    for given in ("postgres://me:secret@host/name", "postgresql://me:secret@host/name"):
        monkeypatch.setenv("XRAY_DATABASE_URL", given)
        settings.cache_clear()
        assert opening.database_url().drivername == "postgresql+psycopg"
        assert opening.exists(opening.database_url())
    for wrong in ("nonsense", "mysql://host/name"):
        monkeypatch.setenv("XRAY_DATABASE_URL", wrong)
        settings.cache_clear()
        with pytest.raises(HistoryUnavailable, match="is not the URL of a supported database"):
            opening.database_url()


def test_damage_and_absence_are_sentences_without_a_password(tmp_path):
    damaged = tmp_path / "history.sqlite3"
    damaged.write_bytes(os.urandom(8192))
    with pytest.raises(HistoryUnavailable, match="cannot be read or written"):
        Store(URL.create("sqlite", database=str(damaged)), KEY)
    blocked = tmp_path / "a file"
    blocked.write_text("")
    with pytest.raises(HistoryUnavailable, match="cannot be read or written"):
        Store(URL.create("sqlite", database=str(blocked / "history.sqlite3")), KEY)
    nobody = URL.create("postgresql+psycopg", "me", "secret", database="x", query={"host": str(tmp_path)})
    with pytest.raises(HistoryUnavailable, match="cannot be used") as told:
        Store(nobody, KEY)
    assert "secret" not in str(told.value)
