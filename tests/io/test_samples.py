"""Public samples: a complete list, and a download that is right, kept, or refused in a sentence."""

import hashlib
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pooch
import pytest

from xray.errors import SampleUnavailable
from xray.io.samples import Sample, fetch_sample, public_samples
from xray.settings import settings

FILE = b"the bytes of a radiograph"


class Server(ThreadingHTTPServer):
    """Has /right.png, /other.png (another file), /slow.png (too late) and nothing else; counts requests."""

    requests = 0
    released = threading.Event()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests += 1
        if self.path == "/slow.png":
            self.server.released.wait(10.0)
        body = {"/right.png": FILE, "/other.png": b"another file", "/slow.png": FILE}.get(self.path)
        self.send_response(404 if body is None else 200)
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with Server(("127.0.0.1", 0), Handler) as running:
        running.released.clear()
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        yield running
        running.released.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache folder in place of the user's, and half a second of patience."""
    monkeypatch.setenv("XRAY_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("XRAY_FETCH_TIMEOUT", "0.5")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    settings.cache_clear()
    yield tmp_path / "cache" / "samples"
    monkeypatch.undo()
    settings.cache_clear()


def sample_at(url: str) -> Sample:
    return Sample(
        id="hand",
        kind="limb",
        what="A hand",
        truth="fractured",
        url=url,
        sha256=hashlib.sha256(FILE).hexdigest(),
        bytes=len(FILE),
        licence="CC0",
    )


def refusal(sample: Sample) -> SampleUnavailable:
    with pytest.raises(SampleUnavailable) as caught:
        fetch_sample(sample)
    assert re.fullmatch(r"[A-Z][^\n]*\.", caught.value.message)
    assert caught.value.hint
    return caught.value


def test_a_sample_is_fetched_once_and_then_read_from_the_cache(server, cache):
    sample = sample_at(server.url("/right.png"))
    assert fetch_sample(sample) == FILE
    assert [path.name for path in cache.iterdir()] == ["hand.png"]
    assert fetch_sample(sample) == FILE
    assert server.requests == 1


def test_a_cached_sample_needs_no_network(cache):
    cache.mkdir(parents=True)
    (cache / "hand.png").write_bytes(FILE)
    assert fetch_sample(sample_at("http://127.0.0.1:1/hand.png")) == FILE


def test_a_corrupted_file_in_the_cache_is_fetched_again(server, cache):
    cache.mkdir(parents=True)
    (cache / "hand.png").write_bytes(FILE[:-1])
    assert fetch_sample(sample_at(server.url("/right.png"))) == FILE
    assert (cache / "hand.png").read_bytes() == FILE
    assert server.requests == 1


def test_a_corrupted_file_in_the_cache_is_not_returned_when_there_is_no_network(cache):
    cache.mkdir(parents=True)
    (cache / "hand.png").write_bytes(FILE[:-1])
    assert "connection" in refusal(sample_at("http://127.0.0.1:1/hand.png")).message


def test_another_file_is_neither_returned_nor_kept(server, cache):
    assert "sha256" in refusal(sample_at(server.url("/other.png"))).message
    assert list(cache.iterdir()) == []


def test_a_file_that_is_gone_is_reported_with_the_number_of_the_answer(server, cache):
    assert "404" in refusal(sample_at(server.url("/gone.png"))).message
    assert list(cache.iterdir()) == []


def test_a_server_that_sleeps_is_given_up_after_the_timeout(server, cache):
    start = time.monotonic()
    assert "within 0.5 seconds" in refusal(sample_at(server.url("/slow.png"))).message
    assert 0.5 <= time.monotonic() - start < 5.0
    assert list(cache.iterdir()) == []


def test_a_refused_connection_is_reported_as_such(server, cache):
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as closed:
        url = f"http://127.0.0.1:{closed.server_port}/right.png"
    assert "connection" in refusal(sample_at(url)).message


def test_a_cache_that_cannot_be_written_is_named_before_anything_is_fetched(server, cache):
    cache.parent.write_text("a file where the folder should be")
    error = refusal(sample_at(server.url("/right.png")))
    assert str(cache.parent) in error.message
    assert "XRAY_CACHE_DIR" in error.hint
    assert server.requests == 0


def test_fetching_prints_and_logs_nothing(server, cache, capfd, caplog, monkeypatch):
    monkeypatch.setattr(pooch.get_logger(), "handlers", [caplog.handler])
    refusal(sample_at(server.url("/other.png")))
    fetch_sample(sample_at(server.url("/right.png")))
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_samples_have_ids_of_their_own_and_cover_chest_and_limb():
    samples = public_samples()
    assert len({sample.id for sample in samples}) == len(samples) > 0
    assert {sample.kind for sample in samples} == {"chest", "limb"}


@pytest.mark.parametrize("sample", public_samples(), ids=lambda sample: sample.id)
def test_a_sample_names_its_origin_its_hash_and_its_licence(sample):
    assert re.fullmatch(
        r"https://raw\.githubusercontent\.com/[^/]+/[^/]+/[0-9a-f]{40}/.+\.(png|jpe?g)", sample.url
    )
    assert re.fullmatch(r"[0-9a-f]{64}", sample.sha256)
    assert re.fullmatch(r"[a-z_]+\.(png|jpe?g)", sample.file_name)
    assert sample.bytes > 1000
    assert sample.licence
    assert sample.title.startswith(sample.what)
    assert "|" not in sample.title
