"""Servers end soon after SIGTERM, even with many busy sessions or requests, and leave a whole history."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import numpy as np
import pytest
from cryptography.fernet import Fernet
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from tests.api.conftest import encoded, free_port, serving
from tests.browser.conftest import wait_for
from xray.api.pool import Deadline, Pool
from xray.imaging.phantom import chest_phantom
from xray.settings import ROOT
from xray.termination import SECONDS

BUSY = 32
LIMIT = 15.0  # seconds
STUBBORN = r"""
import os, signal, time
from xray.termination import limit_shutdown
signal.signal(signal.SIGTERM, lambda number, frame: os.write(1, b"handled\n"))
limit_shutdown(lambda: os.write(1, b"notified\n"), seconds=0.1)
os.write(1, b"ready\n")
while True:
    time.sleep(1)
"""


def test_a_process_that_ignores_sigterm_ends_when_its_time_is_over():
    with subprocess.Popen([sys.executable, "-c", STUBBORN], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == b"notified\nhandled\n"
        assert process.wait(LIMIT) == 1
    assert SECONDS < LIMIT


def test_a_stopping_pool_shortens_the_time_of_requests_that_it_has_and_of_later_ones():
    pool = Pool(1, 0)
    before = Deadline.after(60, pool.shutdown)
    pool.stop(0)
    for deadline in (before, Deadline.after(60, pool.shutdown)):
        assert deadline.left <= 0
        assert deadline.over().status_code == 503
        assert "stopping" in deadline.over().detail
    pool.close()
    assert Deadline.after(60, pool.shutdown).left > 59


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A data folder whose history keeps results."""
    monkeypatch.setenv("XRAY_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("XRAY_HISTORY_KEY", Fernet.generate_key().decode())
    monkeypatch.setenv("XRAY_HISTORY", "1")
    return tmp_path


def seconds_to_end(process: subprocess.Popen) -> float:
    start = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait(10 * LIMIT)
    return time.monotonic() - start


def assert_whole(history: Path) -> None:
    """Every film has its answers and its thumbnail, and SQLite finds no damage."""
    with closing(sqlite3.connect(history)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        for table in ("answers", "thumbnails"):
            partial = f"SELECT count(*) FROM analyses WHERE id NOT IN (SELECT analysis_id FROM {table})"
            assert database.execute(partial).fetchone() == (0,)


@pytest.mark.slow
def test_the_api_with_many_requests_ends_in_time_and_answers_them(folder):
    pixels = chest_phantom(1, size=(256, 240)).radiograph.pixels
    films = [encoded(np.roll(pixels, shift, axis=1)) for shift in range(BUSY)]

    arrived = threading.Semaphore(0)

    def status(address: str, film: bytes) -> int:
        form = {"files": {"files": ("film.png", film)}, "data": {"evidence": "true", "anyway": "true"}}
        request = httpx.Request("POST", f"{address}/api/analyze", **form)

        def body() -> Iterator[bytes]:
            yield request.read()
            arrived.release()

        try:
            return httpx.post(request.url, content=body(), headers=request.headers, timeout=120).status_code
        except httpx.TransportError:  # the server has not accepted this connection
            return 0

    with (
        serving(folder, "--workers=2", f"--waiting={BUSY}") as server,
        ThreadPoolExecutor(BUSY) as clients,
    ):
        requests = [clients.submit(status, server.address, film) for film in films]
        for _ in films:
            assert arrived.acquire(timeout=60)
        assert seconds_to_end(server.process) < LIMIT
        answered = [request.result() for request in requests if request.result()]
        assert set(answered) <= {200, 503}
        assert server.log.count("POST /api/analyze") == len(answered)
    assert_whole(folder / "data" / "history.sqlite3")


@pytest.mark.slow
def test_the_dashboard_with_many_busy_sessions_ends_in_time():
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "dashboard.py", f"--server.port={port}"]
    command += ["--server.headless=true", "--server.address=127.0.0.1", "--server.fileWatcherType=none"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with (
        subprocess.Popen(command, cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "1"}, **quiet) as server,
        ExitStack() as sessions,
    ):
        wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        address = f"ws://127.0.0.1:{port}/_stcore/stream"
        options = {"subprotocols": ["streamlit"], "max_size": None, "ping_interval": None}
        options |= {"max_queue": None, "close_timeout": 1}  # a full queue would delay each closing by 10 s
        sockets = [sessions.enter_context(connect(address, **options)) for _ in range(1 + BUSY)]
        run_until(sockets[:1], "script_finished")  # modules are imported and the models are loaded
        run_until(sockets[1:], "delta")
        assert seconds_to_end(server) < LIMIT


def run_until(sockets: list[ClientConnection], kind: str) -> None:
    """Open a sample in every session, and wait for a message of a kind in each."""
    request = BackMsg()
    request.rerun_script.query_string = "sample=simulated-chest-opacity"
    for socket in sockets:
        socket.send(request.SerializeToString())
    for socket in sockets:
        while not ForwardMsg.FromString(socket.recv(10 * LIMIT)).HasField(kind):
            pass
