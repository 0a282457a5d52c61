"""Feedback is kept where the user says, read back by training itself, exported and deleted."""

import csv
import errno
import io
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from xray import feedback
from xray.access import TERMINAL
from xray.errors import UnusableData
from xray.feedback import Feedback
from xray.settings import settings
from xray.train.boxes import boxed_films
from xray.types import Radiograph

NONE = np.zeros((0, 4), np.float32)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XRAY_FEEDBACK_DIR", str(tmp_path / "feedback"))
    settings.cache_clear()
    yield tmp_path / "feedback"
    monkeypatch.undo()
    settings.cache_clear()


def film(seed: int = 0) -> Radiograph:
    pixels = np.random.default_rng(seed).random((120, 80), np.float32)
    return Radiograph(pixels, "MEIER_ANNA_1970.png")


def test_what_is_kept_is_a_data_set_that_training_reads(folder):
    right, missed = np.float32([[10, 20, 30, 60]]), np.float32([[40, 60, 80, 120]])
    given = Feedback(right, np.float32([[0, 0, 5, 5]]), missed, "ulna, too")
    feedback.keep(film(), given, "Fracture", TERMINAL)
    feedback.keep(film(1), Feedback(NONE, right, NONE), "Fracture", TERMINAL)
    films = {one.path.stem: one for one in boxed_films(folder / "data.yaml")}
    assert sorted(films) == feedback.kept(TERMINAL) == sorted(film(seed).sha256[:16] for seed in (0, 1))
    first, second = films[film().sha256[:16]], films[film(1).sha256[:16]]
    assert np.array(first.boxes) * (80, 120, 80, 120) == pytest.approx(np.vstack([right, missed]), abs=1e-3)
    assert first.labels == {"fracture"}
    assert (second.boxes, second.labels, second.known) == ((), frozenset(), {"fracture"})
    assert first.read().pixels == pytest.approx(film().pixels, abs=1 / 65000)


def test_no_name_of_a_file_is_written(folder):
    feedback.keep(film(), Feedback(NONE, NONE, NONE, "none"), "Fracture", TERMINAL)
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert not any("MEIER" in path.name or b"MEIER" in path.read_bytes() for path in written)


def test_later_feedback_on_a_film_replaces_the_first(folder):
    box = np.float32([[10, 20, 30, 60]])
    feedback.keep(film(), Feedback(box, NONE, NONE, "first"), "Fracture", TERMINAL)
    feedback.keep(film(), Feedback(NONE, box, NONE, "second"), "Fracture", TERMINAL)
    assert [one.boxes for one in boxed_films(folder / "data.yaml")] == [()]
    comments = (folder / "comments.csv").read_text()
    assert "second" in comments
    assert "first" not in comments


def test_the_export_has_everything_and_deleting_leaves_only_what_is_not_ours(folder):
    feedback.keep(film(), Feedback(NONE, NONE, NONE), "Fracture", TERMINAL)
    feedback.keep(film(1), Feedback(NONE, NONE, NONE, "x"), "Fracture", TERMINAL)
    names = zipfile.ZipFile(io.BytesIO(feedback.exported(TERMINAL))).namelist()
    assert len(names) == 6
    assert "data.yaml" in names
    feedback.forget(TERMINAL, [film().sha256[:16]])
    assert feedback.kept(TERMINAL) == [film(1).sha256[:16]]
    (folder / "holiday.txt").write_text("mine")
    feedback.forget(TERMINAL)
    assert feedback.kept(TERMINAL) == []
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["holiday.txt"]


def test_a_folder_that_cannot_be_written_is_a_sentence(folder):
    folder.write_text("a file")
    with pytest.raises(UnusableData, match="Feedback cannot be stored"):
        feedback.keep(film(), Feedback(NONE, NONE, NONE), "Fracture", TERMINAL)


def test_no_comment_of_threads_that_write_at_the_same_time_is_lost(folder):
    number = 12
    together = threading.Barrier(number)

    def give(seed: int) -> None:
        together.wait()
        feedback.keep(film(seed), Feedback(NONE, NONE, NONE, f"comment {seed}"), "Fracture", TERMINAL)

    with ThreadPoolExecutor(number) as threads:
        list(threads.map(give, range(number)))
    with (folder / "comments.csv").open(newline="") as lines:
        rows = list(csv.reader(lines))
    expected = [[film(seed).sha256[:16], "0", "0", "0", f"comment {seed}"] for seed in range(number)]
    assert sorted(rows[1:]) == sorted(expected)
    assert not list(folder.rglob("*.unfinished"))


def test_a_failed_write_leaves_the_earlier_comments(folder, monkeypatch):
    feedback.keep(film(), Feedback(NONE, NONE, NONE, "first"), "Fracture", TERMINAL)
    before = (folder / "comments.csv").read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UnusableData, match="Feedback cannot be stored"):
        feedback.keep(film(1), Feedback(NONE, NONE, NONE, "second"), "Fracture", TERMINAL)
    assert (folder / "comments.csv").read_bytes() == before
    assert not list(folder.rglob("*.unfinished"))
