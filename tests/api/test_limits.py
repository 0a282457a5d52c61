"""Under load: a short queue, a deadline for every request, and no lost request when the server stops."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.api.conftest import Server, serving
from tests.api.test_server import problem_of

SECONDS = 3


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """One worker, no queue, little time."""
    folder = tmp_path_factory.mktemp("small")
    with serving(folder, "--workers=1", "--waiting=0", f"--seconds={SECONDS}", "--host=0.0.0.0") as server:
        yield server


def post(server: Server, film: bytes, copies: int = 1, **fields: object) -> httpx.Response:
    files = [("files", (f"{number}.png", film)) for number in range(copies)]
    return httpx.post(f"{server.address}/api/analyze", files=files, data=fields, timeout=60)


def until(true, patience: float = 20.0) -> None:
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_what_takes_too_long_ends_and_others_are_told_to_come_back(small, chest):
    slow = {"method": "rise", "model": "findings-densenet121"}
    with ThreadPoolExecutor() as clients:
        began = time.monotonic()
        held = clients.submit(post, small, chest, **slow)
        time.sleep(1)
        told = problem_of(turned_away := post(small, chest), 429)
        assert "Try again in" in told["detail"]
        assert int(turned_away.headers["retry-after"]) >= 1
        assert httpx.get(f"{small.address}/health", timeout=15).is_success  # the loop itself is free
        assert "3 seconds" in problem_of(held.result(), 504)["detail"]
        assert time.monotonic() - began < SECONDS + 2
    until(lambda: post(small, chest, intervals="false").is_success)  # the worker stopped, too


def test_a_body_that_does_not_arrive_does_not_hold_its_place(small, chest):
    with ThreadPoolExecutor() as clients:
        slow = clients.submit(small.only_head, 1000)
        time.sleep(0.5)
        problem_of(post(small, chest), 429)
        assert slow.result().startswith(b"HTTP/1.1 408 ")
    assert post(small, chest, intervals="false").is_success


def test_open_to_all_without_tokens_it_warns(small):
    assert "open to everyone who can reach this computer" in small.log


@pytest.mark.parametrize("options", [(), ("--dashboard",)])
def test_stopped_under_load_every_request_is_finished_and_answered(tmp_path, chest, options):
    """Alone, and in one process with the dashboard, whose page is there too."""
    with (
        serving(tmp_path, "--workers=1", "--waiting=8", *options) as server,
        ThreadPoolExecutor() as clients,
    ):
        if options:
            assert b"<title>Streamlit</title>" in httpx.get(server.address).content
            assert httpx.get(f"{server.address}/_stcore/health").is_success
            assert "_stcore" not in server.log
        working = [clients.submit(post, server, chest, copies=2) for _ in range(4)]
        until(lambda: any(one.done() for one in working))
        server.stop()
        answers = [one.result() for one in working]
        assert [one.status_code for one in answers] == [200] * 4
        assert all(one["case"] for answer in answers for one in answer.json()["results"])
        server.process.wait(30)
        assert server.log.count("POST /api/analyze 200") == 4
        assert "Traceback" not in server.log
        with pytest.raises(httpx.TransportError):
            post(server, chest)
