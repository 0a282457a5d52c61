"""SQLite's one file: a writer killed at any moment loses nothing that was kept; deleted bytes go."""

import multiprocessing
import os
import signal
import sqlite3
import time

import numpy as np
import pytest
from sqlalchemy import URL

from tests.history.conftest import KEY
from tests.history.planted import FINDINGS, NAME, case, check
from xray.history import query
from xray.history.query import Filter
from xray.history.store import Store

KILLS = 20


@pytest.fixture
def url(tmp_path) -> URL:
    return URL.create("sqlite", database=str(tmp_path / "history.sqlite3"))


def write(url: URL, first: int, told) -> None:
    """Keep, comment and delete until killed; tell each number once it is kept."""
    store = Store(url, KEY)
    seed = first
    while True:
        number = store.keep(case(seed))
        told.send(number)
        store.set_feedback(number, "", True, "x" * 5000)
        if seed % 7 == 0:
            doomed = store.keep(case(seed, model_id="doomed"))
            store.delete("", [doomed])
        seed += 1


@pytest.mark.slow
def test_a_killed_writer_leaves_only_whole_films_and_all_it_was_told_are_kept(url):
    rng = np.random.default_rng(5)
    Store(url, KEY).close()
    fork = multiprocessing.get_context("fork")
    kept: list[int] = []
    for attempt in range(KILLS):
        here, there = fork.Pipe(duplex=False)
        writer = fork.Process(target=write, args=(url, 1000 * attempt, there))
        writer.start()
        there.close()
        kept.append(here.recv())
        time.sleep(rng.uniform(0, 0.08))
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        try:
            while here.poll():
                kept.append(here.recv())
        except EOFError:
            pass
        with sqlite3.connect(url.database) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        connection.close()
    store = Store(url, KEY)
    listed = query.page(store, "", Filter(), size=10**6)
    numbers = {one.id for one in listed}
    assert set(kept) <= numbers
    assert len([one for one in listed if one.model_id == "planted"]) <= len(kept) + KILLS
    for one in listed:
        told = query.details(store, "", one.id)
        assert [answer[0] for answer in told.answers] == list(FINDINGS)
        assert told.comment in ("", "x" * 5000)
    store.keep(case(10**6))
    store.close()


def bytes_on_disk(url: URL) -> bytes:
    files = [url.database, f"{url.database}-wal", f"{url.database}-journal"]
    return b"".join(open(path, "rb").read() for path in files if os.path.exists(path))


@pytest.mark.parametrize("everything", [False, True])
def test_no_byte_of_what_is_deleted_stays_on_the_disk(url, everything):
    store = Store(url, KEY)
    for seed in range(40):
        store.keep(case(seed))
    doomed = store.keep(case(99), with_name=True)
    store.set_feedback(doomed, "", False, "a note")
    store.add_verdicts(doomed, "", "Effusion", "gradcam", [check("deletion", "passed", 0.123456789)])
    with sqlite3.connect(url.database) as connection:
        tokens = connection.execute(
            "SELECT comment, picture FROM analyses JOIN thumbnails ON analysis_id = id WHERE id = ?",
            (doomed,),
        ).fetchone()
    connection.close()
    traces = [*tokens, tokens[1][-200:], NAME.encode(), case(99).radiograph.sha256.encode(), b"deletion"]
    before = bytes_on_disk(url)
    assert all(trace in before for trace in traces)
    store.delete("", None if everything else [doomed])
    after = bytes_on_disk(url)
    assert not any(trace in after for trace in traces)
    assert (case(7).radiograph.sha256.encode() in after) != everything
    store.close()


def test_deletion_says_when_another_program_holds_the_bytes(url, monkeypatch):
    monkeypatch.setattr("xray.history.opening.PATIENCE", 0.2)
    store = Store(url, KEY)
    number = store.keep(case())
    reader = sqlite3.connect(url.database)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM analyses").fetchone()
    with pytest.raises(Exception, match="another program reads"):
        store.delete("", [number])
    assert query.count(store, "") == 0
    reader.close()
    store.delete("", [number])
    assert case().radiograph.sha256.encode() not in bytes_on_disk(url)
    store.close()
