"""The local engine: results of analyze, a row per file, duplicates, cancellation."""

import gc
import pickle
import threading
import time
import weakref
from functools import partial

import cv2
import numpy as np
import pytest

from tests.cohort.conftest import QUICK, rows_of
from tests.corpus import simulated_png
from xray.cohort import File, Job, Predictor, run
from xray.cohort.predictor import THUMBNAIL_SIDE
from xray.cohort.simulated import simulated_cohort
from xray.io import read_radiograph
from xray.pipeline import Request, analyze
from xray.render.overlay import Drawing, draw


@pytest.mark.parametrize("model", [QUICK, "pneumonia-ensemble", "fracture-yolov8n", "region-densenet121"])
def test_a_row_contains_the_case_of_analyze(contents, model):
    request = Request(model, anyway=True, intervals=model == QUICK)
    data = {"a/chest.png": contents["a/chest.png"]}
    case = analyze(read_radiograph(data["a/chest.png"], "chest.png"), request)
    row = rows_of(data, request, overlay=True)["a/chest.png"]
    quick = rows_of(data, Request(model, None, anyway=True, intervals=False))["a/chest.png"]
    for one in (row, quick):
        assert one.pixels_sha256 == case.radiograph.sha256
        assert one.prediction.findings == case.prediction.findings
        for name in ("logits", "probabilities", "thresholds", "present", "absent"):
            assert np.array_equal(getattr(one.prediction, name), getattr(case.prediction, name)), name
        assert one.organ == case.organ
        assert (one.boxes is None) == (case.detections is None)
    assert np.array_equal(row.prediction.intervals, case.prediction.intervals)
    assert quick.explanations == ()
    for one, other in zip(row.explanations, case.explanations, strict=True):
        assert (one.finding, one.method, one.layer) == (other.finding, other.method, other.layer)
        assert np.array_equal(one.heatmap(), other.heatmap())
    drawn = cv2.imdecode(np.frombuffer(row.overlay, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    assert np.array_equal(drawn, draw(case, case.answer.finding, Drawing()))


def test_every_file_is_a_row_in_its_place_and_bad_ones_carry_their_sentence(contents):
    rows = rows_of(contents, Request(QUICK, None, intervals=False))
    assert list(rows) == list(contents)
    assert [row.state for row in rows.values()] == [
        "answered",
        "answered",
        "answered",
        "refused",
        "not read",
        "not read",
    ]
    assert "only 40 x 40 px" in rows["tiny.png"].sentence
    assert rows["cut.png"].sentence.startswith("cut.png is a PNG file that is cut short or damaged.")
    assert rows["words.png"].sentence.startswith("words.png is text, not an image.")
    assert rows["b/again.bmp"].duplicate_of == "a/chest.png"
    assert [name for name, row in rows.items() if row.duplicate_of] == ["b/again.bmp"]


def test_a_predictor_can_be_sent_to_other_processes(contents):
    predictor = Predictor(Request(QUICK, None, intervals=False))
    batch = list(contents.items())
    there = pickle.loads(pickle.dumps(predictor))(batch)
    rows = pickle.loads(pickle.dumps(there))
    for one, other in zip(rows, predictor(batch), strict=True):
        assert (one.file, one.state, one.sentence) == (other.file, other.state, other.sentence)
        assert one.prediction is None or np.array_equal(one.prediction.logits, other.prediction.logits)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_internal_error_is_reported_and_not_shown_as_canceled():
    def faulty() -> bytes:
        raise KeyError("a fault")

    job = Job([File("film.png", faulty)], Predictor(Request(QUICK)))
    job.wait(60)
    assert not job.running
    assert "an internal error" in job.error


def test_a_thumbnail_is_the_film_made_small(contents):
    row = rows_of({"a/chest.png": contents["a/chest.png"]}, Request(QUICK, None, intervals=False))[
        "a/chest.png"
    ]
    small = cv2.imdecode(np.frombuffer(row.thumbnail, np.uint8), cv2.IMREAD_GRAYSCALE)
    pixels = read_radiograph(contents["a/chest.png"], "chest.png").pixels
    assert max(small.shape) == THUMBNAIL_SIDE
    expected = cv2.resize(pixels, small.shape[::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(small / 255 - expected).mean() < 0.02


def test_evidence_is_stretched_over_the_film(contents):
    row = rows_of({"a/chest.png": contents["a/chest.png"]}, Request(QUICK, intervals=False))["a/chest.png"]
    for one in row.explanations:
        whole = one.heatmap()
        side = 16
        high, wide = whole.shape[0] // side, whole.shape[1] // side
        centers = whole[high // 2 :: high, wide // 2 :: wide][:side, :side]
        near = 0.1 * float(np.ptp(whole)) + 1e-6
        assert row.evidence(one.finding, side) == pytest.approx(centers, abs=near)


def test_an_unknown_model_ends_the_work_with_a_sentence():
    job = Job([File("film.png", partial(simulated_png, 0))], Predictor(Request("oracle")))
    job.wait(60)
    assert not job.running
    assert not job.rows
    assert "There is no model 'oracle'." in job.error


class Gate:
    """Files that are read only when released."""

    def __init__(self, number: int) -> None:
        self.open, self.reached = threading.Semaphore(0), 0
        self.files = [File(f"{one}.png", self.content) for one in range(number)]

    def content(self) -> bytes:
        self.open.acquire()
        self.reached += 1
        return b""


def test_cancelled_work_ends_and_keeps_its_rows():
    gate = Gate(50)
    job = Job(gate.files, Predictor(Request(QUICK)))
    assert job.running
    assert job.seconds_left is None
    gate.open.release(8)
    deadline = time.monotonic() + 60
    while len(job.rows) < 5:
        assert time.monotonic() < deadline, "the job makes no progress"
        time.sleep(0.01)
    assert job.seconds_left == pytest.approx(job.seconds / len(job.rows) * (50 - len(job.rows)), rel=0.5)
    job.cancel()
    gate.open.release(50)
    job.wait(60)
    assert not job.running
    assert 5 <= len(job.rows) < 20
    assert gate.reached < 20, "films are not read further ahead than is worked on"


def test_a_job_without_references_ends():
    gate = Gate(1000)
    job = Job(gate.files, Predictor(Request(QUICK)))
    thread, gone = job._thread, weakref.ref(job)
    del job
    gc.collect()
    assert gone() is None
    gate.open.release(1000)
    thread.join(60)
    assert not thread.is_alive()
    assert gate.reached < 20


def test_a_simulated_cohort_has_known_truth_and_every_kind_of_row():
    files, labels = simulated_cohort()
    assert len(files) == 24
    planted = [file for file in files if (truth := labels.of(file.name)) and "opacity" in truth.labels]
    assert len(planted) == len([file for file in files if labels.of(file.name)]) / 2
    some = [*files[:2], *files[-4:]]
    rows = list(run(some, Predictor(Request("pneumonia-mobilenet", None, intervals=False))))
    assert [row.state for row in rows] == ["answered"] * 3 + ["refused", "not read", "not read"]
    assert rows[2].duplicate_of == rows[1].file
    assert all(row.simulated for row in rows[:4])
