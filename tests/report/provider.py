"""A local server that speaks the wire protocols of Gemini, Vertex AI, Google's token endpoint and OpenAI."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Provider:
    """answers: what is done with one request after the other, the last one for all that follow.
    requests: what came in, as (path, headers, body).
    """

    address: str = ""
    answers: list[Callable[[Handler], None]] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)

    def asked(self, part: str) -> list[tuple[str, dict[str, str], Any]]:
        return [one for one in self.requests if part in one[0]]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    provider: Provider

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        told = json.loads(body) if body[:1] == b"{" else body.decode()
        self.provider.requests.append(
            (self.path, {name.lower(): value for name, value in self.headers.items()}, told)
        )
        if self.path == "/token":
            self.told(
                200, {"access_token": "token-from-the-key-file", "expires_in": 3600, "token_type": "Bearer"}
            )
            return
        answers = self.provider.answers
        (answers.pop(0) if len(answers) > 1 else answers[0])(self)

    @property
    def openai(self) -> bool:
        return self.path.endswith("/chat/completions")

    def told(self, status: int, body: Any) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def begin(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def event(self, data: str) -> None:
        line = f"data: {data}\r\n\r\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        self.wfile.flush()

    def piece(self, text: str, finish: str | None = None) -> None:
        """A piece of text in the format of the requested provider."""
        if self.openai:
            choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": finish}
            told = {
                "id": "1",
                "object": "chat.completion.chunk",
                "created": 1,
                "model": "m",
                "choices": [choice],
            }
        else:
            candidate = {"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}
            told = {"candidates": [candidate | ({"finishReason": finish} if finish else {})]}
        self.event(json.dumps(told))

    def end(self) -> None:
        if self.openai:
            self.event("[DONE]")
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_: Any) -> None:
        pass


def written(*sentences: dict[str, Any], pause: float = 0.0, size: int = 40) -> Callable[[Handler], None]:
    """A report, streamed in arbitrary pieces."""
    return text(json.dumps({"sentences": list(sentences)}), pause=pause, size=size)


def text(words: str, finish: str = "", pause: float = 0.0, size: int = 40) -> Callable[[Handler], None]:
    def answer(handler: Handler) -> None:
        handler.begin()
        for start in range(0, len(words), size):
            handler.piece(words[start : start + size])
            time.sleep(pause)
        handler.piece("", finish or ("stop" if handler.openai else "STOP"))
        handler.end()

    return answer


def refusal(status: int, message: str, kind: str = "") -> Callable[[Handler], None]:
    """An error as both providers write it."""
    return lambda handler: handler.told(
        status, {"error": {"code": status, "message": message, "status": kind, "type": kind, "param": None}}
    )


def broken_off(handler: Handler) -> None:
    """A stream whose connection ends within a sentence."""
    handler.begin()
    handler.piece('{"sentences": [{"text": "The input gate acc')
    handler.close_connection = True


def unfinished(handler: Handler) -> None:
    """A stream that ends without its final event."""
    handler.begin()
    handler.piece('{"sentences": [{"text": "The input gate acc')
    handler.wfile.write(b"0\r\n\r\n")


def nothing(handler: Handler) -> None:
    handler.begin()
    handler.end()


def no_json(handler: Handler) -> None:
    """A proxy's page in place of events."""
    handler.begin()
    handler.event("<html>busy</html>")
    handler.end()


def slow(handler: Handler) -> None:
    time.sleep(1.0)
    nothing(handler)


def blocked(handler: Handler) -> None:
    """The request is refused by a safety filter, in each provider's own way."""
    handler.begin()
    if handler.openai:
        handler.piece("", "content_filter")
    else:
        handler.event(json.dumps({"promptFeedback": {"blockReason": "SAFETY"}}))
    handler.end()


@contextmanager
def serving() -> Iterator[Provider]:
    provider = Provider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Own", (Handler,), {"provider": provider}))
    server.daemon_threads = True
    provider.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
