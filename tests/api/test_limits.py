"""Under load: a short queue, an end to every request, and nothing lost when the server is told to stop."""

import socket
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
    with serving(folder, "--workers=1", "--waiting=0", f"--seconds={SECONDS}") as server:
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
    host, port = small.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as slow:
        slow.sendall(
            b"POST /api/analyze HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
            b"Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
        )
        time.sleep(0.5)
        problem_of(post(small, chest), 429)
        assert slow.recv(4096).startswith(b"HTTP/1.1 408 ")
    assert post(small, chest, intervals="false").is_success


def test_stopped_under_load_every_request_is_finished_and_answered(tmp_path, chest):
    with (
        serving(tmp_path, "--workers=1", "--waiting=8") as server,
        ThreadPoolExecutor(8) as clients,
    ):
        working = [clients.submit(post, server, chest, copies=3) for _ in range(6)]
        until(lambda: any(one.done() for one in working))
        server.stop()
        answers = [one.result() for one in working]
        assert [one.status_code for one in answers] == [200] * 6
        assert all(one["case"] for answer in answers for one in answer.json()["results"])
        server.process.wait(30)
        assert server.log.count("POST /api/analyze 200") == 6
        with pytest.raises(httpx.TransportError):
            post(server, chest)
        assert "Traceback" not in server.log


def test_with_the_dashboard_one_process_answers_both_and_stops_in_order(tmp_path, chest):
    with (
        serving(tmp_path, "--dashboard", "--workers=1", tokens="one-token") as server,
        ThreadPoolExecutor(4) as clients,
    ):
        for path, found in [("/", b"<title>Streamlit</title>"), ("/_stcore/health", b"ok"), ("/models", b"<html")]:
            assert found in httpx.get(server.address + path).content
        assert post(server, chest).status_code == 401

        def asked() -> httpx.Response:
            files, token = {"files": ("a.png", chest)}, {"Authorization": "Bearer one-token"}
            return httpx.post(f"{server.address}/api/analyze", files=files, headers=token, timeout=60)

        working = [clients.submit(asked) for _ in range(4)]
        until(lambda: any(one.done() for one in working))
        server.stop()
        assert [one.result().status_code for one in working] == [200] * 4
        server.process.wait(30)
        assert server.log.count("POST /api/analyze 200") == 4
        assert "Traceback" not in server.log
