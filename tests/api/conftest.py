"""Real servers in processes of their own, and films to send them."""

import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from xray.imaging.phantom import chest_phantom, limb_phantom
from xray.settings import ROOT


@dataclass
class Server:
    process: subprocess.Popen
    address: str
    log_file: Path

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    def only_head(self, length: int, headers: str = "") -> bytes:
        """The answer to a request whose body is announced and does not come."""
        host, port = self.address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            head = f"POST /api/analyze HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n{headers}"
            connection.sendall(f"{head}Content-Type: multipart/form-data; boundary=x\r\n\r\n".encode())
            return connection.recv(4096)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def serving(folder: Path, *options: object, tokens: str = "") -> Iterator[Server]:
    """python -m xray serve, ready."""
    port = free_port()
    command = [sys.executable, "-m", "xray", "serve", f"--port={port}", *(str(one) for one in options)]
    environment = os.environ | {"XRAY_API_TOKENS": tokens, "OMP_NUM_THREADS": "1"}
    log = folder / "log"
    with (
        log.open("wb") as out,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out) as process,
    ):
        server = Server(process, f"http://127.0.0.1:{port}", log)
        try:
            wait_until_ready(server)
            yield server
        finally:
            server.stop()
            process.wait(30)


def wait_until_ready(server: Server) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and server.process.poll() is None:
        try:
            if httpx.get(f"{server.address}/health", timeout=15).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError(f"no server: {server.log}")


def encoded(pixels: np.ndarray, bits: int = 8) -> bytes:
    buffer = io.BytesIO()
    top = 2**bits - 1
    Image.fromarray(np.rint(pixels * top).astype(np.uint8 if bits == 8 else np.uint16)).save(buffer, "PNG")
    return buffer.getvalue()


def send_films(client: httpx.Client, *files: tuple[str, bytes], to: str = "/api/analyze", **fields: object):
    name = "file" if to == "/upload" else "files"
    return client.post(to, files=[(name, file) for file in files], data=fields)


def problem_of(response: httpx.Response, status: int) -> dict:
    """A problem document that keeps to RFC 9457."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert {"type", "title", "detail"} <= problem.keys()
    assert problem["request_id"] == response.headers["x-request-id"]
    return problem


@pytest.fixture(scope="session")
def chest() -> bytes:
    """A 16-bit chest."""
    return encoded(chest_phantom(1, size=(256, 240)).radiograph.pixels, 16)


@pytest.fixture(scope="session")
def forearm() -> bytes:
    """Refused by the gate of every chest model."""
    return encoded(limb_phantom(1).radiograph.pixels)
