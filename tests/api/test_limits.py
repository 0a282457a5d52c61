"""Under load: a short queue, a deadline for every request, and no lost request when the server stops."""

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest
import uvicorn

from tests.api.conftest import free_port, problem_of, serving
from xray.api import ApiSettings, application, work
from xray.api.server import warn_if_open
from xray.errors import ModelUnavailable

PATIENCE = 20.0  # seconds until a test fails; no test waits for time to pass
FILM = [("files", ("film.png", b"film"))]


class Work:
    """Takes the place of the analysis: starts, then ends when it is released or its deadline is over."""

    def __init__(self) -> None:
        self.started, self.released, self.stopped = (
            threading.Semaphore(0),
            threading.Event(),
            threading.Event(),
        )

    def __call__(self, *arguments: object) -> bytes:
        deadline = arguments[-1]
        self.started.release()
        while not self.released.wait(0.01):
            try:
                deadline.check()
            except Exception:
                self.stopped.set()
                raise
        return b'{"results": []}'

    def wait_until_started(self) -> None:
        assert self.started.acquire(timeout=PATIENCE)


@pytest.fixture
def held(monkeypatch) -> Iterator[Work]:
    held = Work()
    monkeypatch.setattr(work, "results", held)
    monkeypatch.setattr(work, "picture", held)
    yield held
    held.released.set()


@contextmanager
def running(**settings: float) -> Iterator[tuple[uvicorn.Server, str]]:
    """The API in a thread; `should_exit` is what SIGTERM sets."""
    app = application(ApiSettings(tokens="", **settings))
    config = uvicorn.Config(app, port=free_port(), log_config=None, timeout_graceful_shutdown=30)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started)
        yield server, f"http://127.0.0.1:{config.port}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        assert not thread.is_alive()


def until(true) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def post(address: str, path: str = "/api/analyze") -> httpx.Response:
    return httpx.post(address + path, files=FILM, timeout=PATIENCE)


def test_a_full_queue_turns_requests_away_and_the_server_answers_others(held):
    with running(workers=1, waiting=0) as (_, address), ThreadPoolExecutor() as clients:
        first = clients.submit(post, address)
        held.wait_until_started()
        turned_away = post(address)
        assert "Try again in" in problem_of(turned_away, 429)["detail"]
        assert int(turned_away.headers["retry-after"]) >= 1
        assert httpx.get(f"{address}/api/models", timeout=PATIENCE).is_success
        held.released.set()
        assert first.result().is_success
        assert post(address).is_success


@pytest.mark.parametrize("path", ["/model-info", "/api/explanations/x.png", "/api/explanations/x.npy"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_every_request_that_needs_a_model_takes_a_place_in_the_queue(held, path, method):
    with running(workers=1, waiting=0) as (_, address), ThreadPoolExecutor() as clients:
        first = clients.submit(post, address)
        held.wait_until_started()
        assert httpx.request(method, address + path, timeout=PATIENCE).status_code == 429
        held.released.set()
        assert first.result().is_success


def test_a_model_is_described_by_a_worker_with_a_deadline(monkeypatch):
    def load(_model_id: str) -> None:
        names.append(threading.current_thread().name)
        raise ModelUnavailable("It is gone.")

    names: list[str] = []
    monkeypatch.setattr("xray.api.routes.load_model", load)
    with running() as (_, address):
        assert (
            "It is gone." in problem_of(httpx.get(f"{address}/model-info", timeout=PATIENCE), 503)["detail"]
        )
    assert names[0].startswith("ThreadPoolExecutor")


def test_a_request_over_its_time_is_answered_and_its_work_stops(held):
    with running(workers=1, waiting=0, seconds=0.3) as (_, address):
        assert "0.3 seconds" in problem_of(post(address), 504)["detail"]
        assert held.stopped.wait(PATIENCE)
        held.released.set()
        until(lambda: post(address).is_success)


def test_a_body_that_does_not_arrive_gives_its_place_back():
    app = application(ApiSettings(tokens="", workers=1, waiting=0, seconds=0.05))
    headers = [(b"content-type", b"multipart/form-data; boundary=x"), (b"content-length", b"1000")]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/analyze",
        "headers": headers,
        "query_string": b"",
    }

    async def statuses() -> list[int]:
        sent: list[int] = []

        async def send(message) -> None:
            sent.append(message.get("status"))

        async def never():
            await asyncio.Event().wait()

        waiting = asyncio.create_task(app(dict(scope), never, send))
        await asyncio.sleep(0)  # it has taken the only place
        await app(dict(scope), never, send)
        await waiting
        await app(dict(scope), never, send)
        return [status for status in sent if status]

    with ThreadPoolExecutor(1) as pool:  # this thread may have the event loop of the browser tests
        assert pool.submit(asyncio.run, statuses()).result() == [429, 408, 408]


@pytest.mark.parametrize(
    ("host", "warning"),
    [("0.0.0.0", "everyone who can reach this computer"), ("127.0.0.1", "every user of this computer")],
)
def test_open_without_tokens_it_warns(caplog, host, warning):
    warn_if_open(host, ApiSettings(tokens=""))
    assert f"open to {warning}" in caplog.text


def test_stopped_under_load_it_answers_every_request_that_it_has_received(held):
    with running(workers=1, waiting=8) as (server, address):
        with ThreadPoolExecutor() as clients:
            working = [clients.submit(post, address) for _ in range(4)]
            held.wait_until_started()
            until(lambda: len(server.server_state.connections) == 4)
            server.should_exit = True
            until(lambda: not any(each.sockets for each in server.servers))
            held.released.set()
            assert [each.result().status_code for each in working] == [200] * 4
        with pytest.raises(httpx.TransportError):
            post(address)


@pytest.mark.slow
def test_stopped_under_load_with_the_dashboard_it_answers_every_request(tmp_path, chest):
    """One process, stopped by a signal; the page of the dashboard is there as well."""
    with (
        serving(tmp_path, "--workers=1", "--waiting=8", "--dashboard") as server,
        ThreadPoolExecutor() as clients,
    ):
        assert b"<title>Streamlit</title>" in httpx.get(server.address).content
        assert httpx.get(f"{server.address}/_stcore/health").is_success
        assert "_stcore" not in server.log
        sent = {"files": [("files", ("film.png", chest))], "data": {"intervals": "false"}, "timeout": 60}
        address = f"{server.address}/api/analyze"
        working = [clients.submit(httpx.post, address, **sent) for _ in range(4)]
        until(lambda: any(each.done() for each in working))
        server.stop()
        answers = [each.result() for each in working]
        assert [each.status_code for each in answers] == [200] * 4
        assert all(result["case"] for answer in answers for result in answer.json()["results"])
        server.process.wait(30)
        assert server.log.count("POST /api/analyze 200") == 4
        assert "Traceback" not in server.log
        with pytest.raises(httpx.TransportError):
            httpx.post(address, **sent)
