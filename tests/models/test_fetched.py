"""Downloaded models and the record of their files are whole at every moment, however many programs fetch."""

import errno
import hashlib
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from xray.models import public
from xray.models.fetched import RECORD, WEIGHTS, record, verified
from xray.models.registry import ModelEntry, fetched_record, listed_public

MODEL = next(entry for entry in listed_public().values() if entry.kind == "torchxrayvision")
PROGRAMS, TIMES = 6, 5


def test_a_failed_write_leaves_the_earlier_record(tmp_path, monkeypatch):
    (tmp_path / WEIGHTS).write_bytes(b"weights")
    record("1", tmp_path, {})
    before = (tmp_path / RECORD).read_bytes()
    assert json.loads(before)["files"] == {WEIGHTS: hashlib.sha256(b"weights").hexdigest()}

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        record("2", tmp_path, {})
    assert (tmp_path / RECORD).read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {RECORD, WEIGHTS}


def test_a_reader_sees_the_old_or_the_new_record_and_never_a_part(tmp_path, monkeypatch):
    """The record is read at every system call that makes the new one visible."""
    (tmp_path / WEIGHTS).write_bytes(b"weights")
    record("1", tmp_path, {})
    seen: list[str] = []

    def spy(call: Any, *arguments: Any, **options: Any) -> Any:
        seen.append(json.loads((tmp_path / RECORD).read_text())["revision"])
        result = call(*arguments, **options)
        seen.append(json.loads((tmp_path / RECORD).read_text())["revision"])
        return result

    for name in ("open", "fsync", "replace"):
        monkeypatch.setattr(os, name, partial(spy, getattr(os, name)))
    record("2", tmp_path, {"more": "x" * 10_000})
    assert seen == sorted(seen)
    assert {seen[0], seen[-1]} == {"1", "2"}


def test_programs_that_fetch_the_same_model_at_once_leave_one_whole_model(cache, monkeypatch):
    together = threading.Barrier(PROGRAMS, timeout=10)

    def download(_entry: ModelEntry, folder: Path) -> dict[str, Any]:
        content = str(threading.get_ident()).encode()
        (folder / WEIGHTS).write_bytes(content)
        (folder / "config.json").write_bytes(content)
        together.wait()
        return {"revision": MODEL.revision}

    def program(_number: int) -> None:
        for _ in range(TIMES):
            public.fetch(MODEL)
            stored = fetched_record(MODEL)
            assert not stored or stored["files"].keys() == {WEIGHTS, "config.json"}

    monkeypatch.setitem(public.FETCHERS, MODEL.kind, download)
    with ThreadPoolExecutor(PROGRAMS) as threads:
        list(threads.map(program, range(PROGRAMS)))
    folder = verified(MODEL)
    assert (folder / WEIGHTS).read_bytes() == (folder / "config.json").read_bytes()
    assert {path.name for path in folder.parent.iterdir()} == {MODEL.id, f"{MODEL.id}.lock"}
