"""The SQLite file: a killed writer loses no stored film, and deleted films leave no bytes."""

import multiprocessing
import os
import random
import signal
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import URL, insert, update

from tests.history.conftest import KEY
from tests.history.planted import FINDINGS, NAME, case, check
from xray.errors import HistoryUnavailable
from xray.history import query
from xray.history.filters import Filter
from xray.history.store import Store
from xray.history.tables import Analysis, Thumbnail

KILLS = 20
SEED = 3


@pytest.fixture
def url(tmp_path) -> URL:
    return URL.create("sqlite", database=str(tmp_path / "history.sqlite3"))


def write(url: URL, first: int, numbers) -> None:
    """Keep, comment and delete until killed; send each number once it is kept."""
    store = Store(url, KEY)
    seed = first
    while True:
        number = store.keep(case(seed))
        numbers.send(number)
        store.set_feedback(number, "", True, "x" * 5000)
        if seed % 7 == 0:
            doomed = store.keep(case(seed, model_id="doomed"))
            store.delete("", [doomed])
        seed += 1


@pytest.mark.slow
def test_a_killed_writer_leaves_whole_films_and_every_film_it_reported(url):
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
        details = query.details(store, "", one.id)
        assert [answer[0] for answer in details.answers] == list(FINDINGS)
        assert details.comment in ("", "x" * 5000)
    store.keep(case(10**6))
    store.close()


def bytes_on_disk(url: URL) -> bytes:
    files = [url.database, f"{url.database}-wal", f"{url.database}-journal"]
    return b"".join(open(path, "rb").read() for path in files if os.path.exists(path))


@pytest.mark.parametrize("everything", [False, True])
def test_no_byte_of_what_is_deleted_stays_on_the_disk(url, everything):
    store = Store(url, KEY)
    for seed in range(12):
        store.keep(case(seed))
    doomed = store.keep(case(99), with_name=True)
    store.set_feedback(doomed, "", False, "a note")
    store.add_verdicts(doomed, "", "Effusion", "gradcam", [check("deletion", "passed", 0.123456789)])
    with sqlite3.connect(url.database) as connection:
        tokens = connection.execute(
            "SELECT comment, film_key, picture FROM analyses JOIN thumbnails ON analysis_id = id "
            "WHERE id = ?",
            (doomed,),
        ).fetchone()
    connection.close()
    traces = [*tokens, tokens[2][-200:], NAME.encode(), case(99).radiograph.sha256.encode(), b"deletion"]
    before = bytes_on_disk(url)
    assert all(trace in before for trace in traces)
    store.delete("", None if everything else [doomed])
    after = bytes_on_disk(url)
    assert not any(trace in after for trace in traces)
    assert (case(7).radiograph.sha256.encode() in after) != everything
    store.close()


def planted_films(store: Store, count: int, rng: random.Random) -> list[dict[str, Any]]:
    """Rows of films, of which random ones got a comment, so that SQLite moved rows between pages."""
    now = datetime.now(UTC)
    facts = {"owner": "", "at": now, "last_opened": now, "model_id": "planted", "weights_sha256": "a" * 64}
    facts |= {"finding": "Mass", "simulated": False, "gate_accepted": True, "gate_kind": "accepted"}
    rows = [
        facts | {"gate_reason": "", "pixels_sha256": rng.randbytes(32).hex(), "file_name": f"{number}.png"}
        for number in range(count)
    ]
    with store.session(write=True) as session:
        session.execute(insert(Analysis), rows)
        for _ in range(count):
            comment = {"comment": rng.randbytes(rng.randint(0, 300))}
            session.execute(update(Analysis).where(Analysis.id == rng.randint(1, count)).values(comment))
    return rows


def test_rows_that_sqlite_moved_leave_no_copy_when_they_are_deleted(url):
    rng = random.Random(SEED)  # with secure_delete alone two of the hashes stay
    store = Store(url, KEY)
    rows = planted_films(store, 200, rng)
    gone = set(rng.sample(range(1, 201), 100))
    store.delete("", gone)
    content = bytes_on_disk(url)
    left = {number for number, row in enumerate(rows, 1) if row["pixels_sha256"].encode() in content}
    assert left == set(range(1, 201)) - gone
    assert {one.id for one in query.page(store, "", Filter(), size=200)} <= left
    store.close()


def test_content_under_an_older_comment_cannot_be_decrypted_after_deletion(url):
    """Every version of a film's content is encrypted with its key, which is itself not in the database."""
    store = Store(url, KEY)
    number = store.keep(case())
    store.set_feedback(number, "", False, "a note")
    with sqlite3.connect(url.database) as connection:
        comment, film_key = connection.execute("SELECT comment, film_key FROM analyses").fetchone()
    connection.close()
    with pytest.raises(HistoryUnavailable):
        KEY.decrypted(comment)
    assert KEY.of_film(film_key).decrypted(comment) == b"a note"
    store.close()


def test_films_of_earlier_versions_stay_readable(url):
    store = Store(url, KEY)
    number = store.keep(case())
    store.close()
    with sqlite3.connect(url.database) as connection:
        connection.execute("UPDATE analyses SET film_key = NULL, comment = ?", (KEY.encrypted(b"a note"),))
        connection.execute("UPDATE thumbnails SET picture = ?", (KEY.encrypted(b"JPEG"),))
    connection.close()
    store = Store(url, KEY)
    details = query.details(store, "", number)
    assert (details.comment, details.overlay) == ("a note", b"JPEG")
    assert query.page(store, "", Filter())[0].thumbnail == b"JPEG"
    store.set_feedback(number, "", True, "another note")
    assert query.details(store, "", number).comment == "another note"
    store.close()


def test_deleting_a_film_does_not_rewrite_the_films_of_others(url):
    store = Store(url, KEY)
    doomed = min(store.keep(case(seed)) for seed in range(3))
    filler = random.Random(0).randbytes(2_000_000)
    with store.session(write=True) as session:
        session.execute(update(Thumbnail).where(Thumbnail.analysis_id != doomed).values(picture=filler))
    store.close()
    before = pages(url)
    store = Store(url, KEY)
    store.delete("", [doomed])
    store.close()
    after = pages(url)
    assert sum(one != other for one, other in zip(before, after, strict=True)) < 0.05 * len(before)


def pages(url: URL) -> list[bytes]:
    """The pages of the database file, of 4096 bytes each."""
    content = Path(str(url.database)).read_bytes()
    return [content[start : start + 4096] for start in range(0, len(content), 4096)]


def test_others_can_write_while_a_deletion_waits_for_a_reader(url, monkeypatch):
    store, other = Store(url, KEY), Store(url, KEY)
    number = store.keep(case())
    reader = sqlite3.connect(url.database)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM analyses").fetchone()
    kept = []

    def sleep(_seconds: float) -> None:
        kept.append(other.keep(case(len(kept) + 1)))
        if len(kept) == 2:
            reader.close()

    clock = SimpleNamespace(monotonic=time.monotonic, sleep=sleep)
    monkeypatch.setattr("xray.history.erasing.time", clock)
    store.delete("", [number])
    assert [one.id for one in query.page(store, "", Filter())] == kept[::-1]
    assert len(kept) == 2
    assert case().radiograph.sha256.encode() not in bytes_on_disk(url)
    store.close()
    other.close()
