"""The Ray engine: same rows as the local engine, killed workers and runs, films in a bucket."""

import io
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pyarrow import parquet
from typer.testing import CliRunner

from tests.corpus import simulated_png
from tests.parity import assert_same, assert_same_picture
from xray.cli import app
from xray.cohort import File, Predictor, ray_engine, run
from xray.cohort.location import located
from xray.cohort.table import table
from xray.errors import EngineUnavailable
from xray.models.registry import entry
from xray.pipeline import Request

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

QUICK = "findings-cnn"
PREDICTOR = Predictor(Request(QUICK, "gradcam", intervals=False), overlay=True)


@pytest.fixture(scope="module")
def ray():
    """A Ray instance for the module, started with the options of a run."""
    pytest.importorskip("ray", reason="pip install -r requirements-scale.txt")
    with ray_engine._cluster(2, None) as started:
        started.cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers cannot import it
        yield started


@pytest.fixture(scope="module")
def contents() -> dict[str, bytes]:
    """Eight films, some of them duplicates, and two invalid files."""
    chests = [simulated_png(0), simulated_png(1)]
    films = {f"{number}.png": chests[number % 2] + bytes(number) for number in range(8)}
    return films | {"cut.png": chests[0][:2000], "words.png": b"These are words."}


@pytest.fixture(scope="module")
def bucket(contents):
    """The films in a bucket of a real server that speaks S3, on this computer."""
    server = pytest.importorskip("moto.server", reason="pip install -r requirements-dev.txt")
    s3fs = pytest.importorskip("s3fs", reason="pip install -r requirements-scale.txt")
    serving = server.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    serving.start()
    host, port = serving.get_host_and_port()
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patched.setenv("AWS_ACCESS_KEY_ID", "test")
        patched.setenv("AWS_SECRET_ACCESS_KEY", "test")
        files = s3fs.S3FileSystem()
        files.mkdir("clinic")
        for name, data in contents.items():
            files.pipe_file(f"clinic/set/{name}", data)
        files.pipe_file("clinic/set/labels.csv", b"path,labels\n1.png,Effusion\n2.png,No Finding\n")
        files.pipe_file("clinic/list.csv", b"path\nset/3.png\ns3://clinic/set/4.png\nset/gone.png\n")
        yield "s3://clinic"
    serving.stop()


def test_a_bucket_is_read_as_a_folder_is(bucket, contents):
    files, labels = located(f"{bucket}/set")
    assert {file.name: file.content() for file in files} == contents
    assert labels.of("1.png").labels == {"effusion"}
    files, _ = located(f"{bucket}/list.csv")
    assert [file.name for file in files] == ["set/3.png", "s3://clinic/set/4.png", "set/gone.png"]
    rows = list(run(files, PREDICTOR))
    assert [row.state for row in rows] == ["answered", "answered", "not read"]
    assert rows[2].sentence == "gone.png cannot be opened. Check the address and its permissions."


def dies_once(film: bytes, mark: Path) -> bytes:
    """Kills the process that reads it first."""
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return film


@pytest.fixture(scope="module")
def worked_off(bucket, contents, tmp_path_factory, request):
    """A cohort in the bucket, with a film that kills one worker."""
    mark = tmp_path_factory.mktemp("killed") / "mark"
    files = located(f"{bucket}/set")[0]
    files[4:4] = [File("once.png", partial(dies_once, contents["0.png"], mark))]
    request.getfixturevalue("ray")  # after the bucket, so that workers know where it is
    placed = list(ray_engine.run(files, PREDICTOR, 2))
    assert mark.exists(), "a worker was killed"
    return files, placed


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


def test_a_killed_worker_loses_and_repeats_no_film(worked_off):
    files, placed = worked_off
    assert sorted(place for place, _ in placed) == list(range(len(files)))
    assert dict(placed)[4].state == "answered"


def test_rows_are_those_of_the_engine_in_process(worked_off):
    files, placed = worked_off
    there = [row for _, row in sorted(placed, key=lambda one: one[0])]
    here = list(run(files, PREDICTOR))
    told = table(here, entry(QUICK)).drop_columns("duplicate_of")  # told when all rows are there
    from_workers = table(there, entry(QUICK)).drop_columns("duplicate_of")
    assert from_workers.schema.equals(told.schema)
    assert_same(from_workers.to_pylist(), told.to_pylist())
    assert told["state"].to_pylist().count("answered") == 9
    for one, other in zip(there, here, strict=True):
        assert one.thumbnail == other.thumbnail
        assert bool(one.overlay) == bool(other.overlay)
        if one.overlay:
            assert_same_picture(pixels(one.overlay), pixels(other.overlay))


def test_a_film_that_kills_every_worker_is_a_row_with_its_sentence(ray, contents, monkeypatch):
    monkeypatch.setattr(ray_engine, "TRIES", 1)
    files = [File("good.png", partial(bytes, contents["0.png"])), File("deadly.png", partial(os._exit, 1))]
    rows = dict(ray_engine.run(files, PREDICTOR, 1))
    assert rows[0].state == "answered"
    assert rows[1].sentence == "Reading deadly.png crashes the program. Analyze it alone."


def test_a_killed_run_resumes_without_repeating_films(ray, contents, tmp_path):
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    names = [*contents, "last.png"]
    rows = [f"{name},{'Effusion' if name == '1.png' else 'No Finding'}" for name in names]
    (tmp_path / "list.csv").write_text("\n".join(["path,labels", *rows]))
    os.mkfifo(tmp_path / "last.png")  # whoever reads it waits for ever
    command = ["cohort", str(tmp_path / "list.csv"), "--model", QUICK, "--engine", "ray", "--workers", "1"]
    killed = [*command, "--out", str(tmp_path / "out"), "--address", ray.get_runtime_context().gcs_address]
    running = subprocess.Popen([sys.executable, "-m", "xray", *killed], stderr=subprocess.PIPE)
    done = set()
    try:
        deadline = time.monotonic() + 300
        while not done:
            assert time.monotonic() < deadline, "no part was written"
            assert running.poll() is None, running.stderr.read().decode()
            time.sleep(0.2)
            for part in tmp_path.glob("out/parts/*.parquet"):
                done |= set(parquet.read_table(part)["file"].to_pylist())
    finally:
        running.kill()
        running.communicate()
    (tmp_path / "last.png").unlink()
    (tmp_path / "last.png").write_bytes(contents["5.png"])
    once = on_the_terminal("cohort", str(tmp_path / "list.csv"), "--model", QUICK, out=tmp_path / "once")
    for name in done:
        (tmp_path / name).write_bytes(b"Read again, this would be no film.")
    assert on_the_terminal(*command, out=tmp_path / "out") == once
    assert [one["file"] for one in once] == names
    assert [one["label: Effusion"] for one in once][:3] == [0, 1, 0]
    assert not (tmp_path / "out" / "parts").exists()


def on_the_terminal(*arguments: str, out: Path) -> list[dict[str, object]]:
    """The table that a command writes."""
    done = CliRunner().invoke(app, [*arguments, "--out", str(out)])
    assert done.exit_code == 0, done.output
    return parquet.read_table(out / "results.parquet").to_pylist()


def test_without_ray_there_is_a_sentence(monkeypatch, tmp_path):
    (tmp_path / "film.png").write_bytes(simulated_png(0))
    command = ["cohort", str(tmp_path), "--out", str(tmp_path / "out"), "--model", QUICK, "--engine", "ray"]
    monkeypatch.setitem(sys.modules, "ray", None)
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 2
    assert done.stderr == "Ray is not installed. pip install -r requirements-scale.txt\n"


@pytest.mark.parametrize("address", ["127.0.0.1:1", "clinic"])
def test_where_no_cluster_is_there_is_a_sentence(address):
    with pytest.raises(EngineUnavailable, match=f"Nothing answers at {address}"):
        ray_engine._options(2, address)
