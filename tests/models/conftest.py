"""A local web server in place of GitHub and the Hugging Face Hub, and an empty cache."""

import hashlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import xray.models.yolo  # noqa: F401 - configures Ultralytics before a test imports it
from xray.models import classifier
from xray.settings import settings

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Site:
    """A local site; pages: body and headers by path; asked: every requested path."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.pages: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.asked: list[str] = []

    def publish(self, source: str, folder: Path, commit: str = COMMIT, named: str = "main") -> None:
        """Serve a folder as the hub serves a repository at a commit, which a branch or tag names."""
        files = {path.name: path.read_bytes() for path in folder.iterdir()}
        told = {"id": source, "sha": commit, "siblings": [{"rfilename": name} for name in files]}
        addresses = [f"/revision/{name}" for name in (named, commit)] + ([""] if named == "main" else [])
        for address in addresses:
            self.pages[f"/api/models/{source}{address}"] = json.dumps(told).encode(), {}
        for name, content in files.items():
            headers = {"X-Repo-Commit": commit, "ETag": f'"{hashlib.sha256(content).hexdigest()}"'}
            self.pages[f"/{source}/resolve/{commit}/{name}"] = content, headers


@pytest.fixture
def site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            here.asked.append(path)
            body, headers = here.pages.get(path, (b"nothing here", {}))
            self.send_response(200 if path in here.pages else 404)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here = Site(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield here
    server.shutdown()
    server.server_close()


@pytest.fixture
def nowhere() -> str:
    """An address without a server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Iterator[Path]:
    """An empty cache folder in place of the user's, and no model loaded yet."""
    monkeypatch.setenv("XRAY_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("XRAY_FETCH_TIMEOUT", "300")  # our own server may be slow on a busy machine
    for kept in (settings, classifier._load):
        kept.cache_clear()
    yield tmp_path / "cache"
    settings.cache_clear()


@pytest.fixture
def hub_site(site, cache, monkeypatch) -> Site:
    """The site as the Hugging Face Hub."""
    from tests.models.hub import hub_at

    hub_at(site.url, monkeypatch)
    return site


@pytest.fixture
def publish(site, cache, monkeypatch, tmp_path) -> Callable[..., None]:
    """Serve a network's weights from the local site in place of the address that TorchXRayVision lists."""
    import torch
    from torchxrayvision.models import model_urls

    def at(source: str, content: object, **options: object) -> None:
        torch.save(content, tmp_path / "weights.pt", **options)
        site.pages["/weights.pt"] = (tmp_path / "weights.pt").read_bytes(), {}
        monkeypatch.setitem(model_urls[source], "weights_url", f"{site.url}/weights.pt")

    return at
