"""A server and its clients: memory, processor time and films per second."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from xray.io import read_radiograph
from xray.settings import ROOT
from xray.types import Radiograph


@dataclass(frozen=True)
class Server:
    process: subprocess.Popen[bytes]
    address: str
    log: Path

    def memory(self) -> int:
        """Resident memory in KiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])  # type: ignore[index]

    def cpu(self) -> float:
        """Processor time so far, in seconds."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(*options: str) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "xray", "serve", f"--port={port}", "--waiting=64", *options]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        environment = os.environ | {"XRAY_API_KEPT_MB": "50", "XRAY_API_TOKENS": ""}
        with (
            log.open("wb") as out,
            subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out) as process,
        ):
            server = Server(process, f"http://127.0.0.1:{port}", log)
            try:
                while not ready(server):
                    time.sleep(0.2)
                yield server
            finally:
                process.terminate()


def ready(server: Server) -> bool:
    try:
        return httpx.get(f"{server.address}/health", timeout=20).is_success
    except httpx.TransportError:
        if server.process.poll() is not None:
            raise SystemExit(server.log.read_text()) from None
        return False


@dataclass(frozen=True)
class Rate:
    """Films per second, processor seconds per film, and the seconds of every request."""

    films: float
    cpu: float
    seconds: tuple[float, ...] = ()


def drive(server: Server, films: list[bytes], clients: int, **fields: str) -> Rate:
    """Each client sends its next film after the response to the previous one."""

    def ask(client: httpx.Client, data: bytes) -> float:
        began = time.perf_counter()
        files = {"files": ("film.png", data)}
        client.post(f"{server.address}/api/analyze", files=files, data=fields).raise_for_status()
        return time.perf_counter() - began

    def one(number: int) -> list[float]:
        with httpx.Client(timeout=120) as client:
            return [ask(client, data) for data in films[number::clients]]

    began, spent = time.perf_counter(), server.cpu()
    with ThreadPoolExecutor(clients) as pool:
        seconds = [value for part in pool.map(one, range(clients)) for value in part]
    count = len(films)
    return Rate(count / (time.perf_counter() - began), (server.cpu() - spent) / count, tuple(seconds))


def plain(work: Callable[[Radiograph], object], films: list[bytes]) -> Rate:
    """A plain loop in this process that reads and processes films."""
    began, spent = time.perf_counter(), time.process_time()
    for data in films:
        work(read_radiograph(data, "film.png"))
    count = len(films)
    return Rate(count / (time.perf_counter() - began), (time.process_time() - spent) / count)
