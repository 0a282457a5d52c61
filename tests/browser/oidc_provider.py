"""A small OpenID Connect provider on this computer: enough to sign in, for tests and to try it.

python -m tests.browser.oidc_provider --port 9000

Whoever opens it is asked which of its people they are; there are no passwords. Authorization code flow with
PKCE (RFC 7636), tokens signed with RS256, keys made at start. OpenID Connect Core 1.0, Discovery 1.0.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import html
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

PEOPLE = {"anna": "Anna *Arnold*", "ben": "Ben Bauer"}
CLIENT_ID, CLIENT_SECRET = "xray-dashboard", "a-secret-of-the-tests"


class Provider(ThreadingHTTPServer):
    """A provider whose issuer is its address. Each request has a separate thread."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Answering)
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
        self.codes: dict[str, dict[str, str]] = {}


class Answering(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        place = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(place.query).items()}
        if place.path == "/.well-known/openid-configuration":
            self.send_json(self.discovery())
        elif place.path == "/keys":
            self.send_json({"keys": [self.server.key.as_dict(private=False)]})
        elif place.path == "/authorize":
            self.ask_who(asked)
        elif place.path == "/chosen" and asked.get("person") in PEOPLE:
            self.give_code(asked)
        elif place.path == "/leave":
            self.redirect(asked["post_logout_redirect_uri"])
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        asked = {name: values[0] for name, values in parse_qs(body).items()}
        code = self.server.codes.pop(asked.get("code", ""), None)
        if code is None or not self.is_our_client(asked) or not proves(asked, code):
            self.send_json({"error": "invalid_grant"}, 400)
            return
        now = int(time.time())
        claims = {
            "iss": self.server.issuer,
            "sub": code["person"],
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 600,
            "nonce": code.get("nonce"),
            "name": PEOPLE[code["person"]],
            "email": f"{code['person']}@example.org",
        }
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.server.key)
        self.send_json({"access_token": secrets.token_hex(), "token_type": "Bearer", "id_token": token})

    def discovery(self) -> dict[str, object]:
        issuer = self.server.issuer
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/keys",
            "end_session_endpoint": f"{issuer}/leave",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def ask_who(self, asked: dict[str, str]) -> None:
        links = "".join(
            f'<p><a href="/chosen?{html.escape(urlencode(asked | {"person": one}))}">{one}</a></p>'
            for one in PEOPLE
        )
        self.send(200, "text/html", f"<h1>Who are you?</h1>{links}".encode())

    def give_code(self, asked: dict[str, str]) -> None:
        code = secrets.token_hex()
        self.server.codes[code] = asked
        self.redirect(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")

    def is_our_client(self, asked: dict[str, str]) -> bool:
        given = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        basic = self.headers.get("Authorization") == f"Basic {given}"
        return basic or asked.get("client_secret") == CLIENT_SECRET

    def redirect(self, place: str) -> None:
        self.send_response(302)
        self.send_header("Location", place)
        self.end_headers()

    def send_json(self, told: object, status: int = 200) -> None:
        self.send(status, "application/json", json.dumps(told).encode())

    def send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Suppress the log."""


def proves(asked: dict[str, str], code: dict[str, str]) -> bool:
    """Whether the code is presented by the client that requested it (PKCE)."""
    digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == code.get("code_challenge")


def secrets_toml(issuer: str) -> str:
    """The content of .streamlit/secrets.toml for this provider."""
    return f"""[auth]
redirect_uri = "http://127.0.0.1:{{port}}/oauth2callback"
cookie_secret = "{secrets.token_hex()}"
client_id = "{CLIENT_ID}"
client_secret = "{CLIENT_SECRET}"
server_metadata_url = "{issuer}/.well-known/openid-configuration"
"""


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider that answers in the background."""
    server = Provider()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9000)
    server = Provider(parser.parse_args().port)
    print(secrets_toml(server.issuer), flush=True)  # noqa: T201
    server.serve_forever()
