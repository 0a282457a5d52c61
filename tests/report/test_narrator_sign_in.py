"""Keys and service accounts of a remote narrator."""

import base64
import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.report import planted, provider
from tests.report.remote import KEY, TRUE, request_report
from xray.report import report
from xray.settings import settings


def key_file(folder, token_uri: str, **changes):
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    facts = {
        "type": "service_account",
        "project_id": "a-project",
        "private_key_id": "1",
        "private_key": pem.decode(),
        "client_email": "reports@a-project.iam.gserviceaccount.com",
        "token_uri": token_uri,
    }
    path = folder / "service-account.json"
    path.write_text(json.dumps(facts | changes))
    return path, private


def test_a_service_account_signs_in_and_is_let_through(server, tmp_path):
    path, private = key_file(tmp_path, f"{server.address}/token")
    server.answers = [provider.written(TRUE)]
    result, _ = request_report(server, "gemini", key="", credentials=path, location="europe-west4")
    assert not result.problem
    ((_, _, signed),) = server.asked("/token")
    claimed = assertion(signed, private.public_key())
    assert claimed["iss"] == "reports@a-project.iam.gserviceaccount.com"
    assert claimed["aud"] == "https://oauth2.googleapis.com/token"
    assert claimed["scope"] == "https://www.googleapis.com/auth/cloud-platform"
    ((path_asked, headers, _),) = server.asked("streamGenerateContent")
    assert "projects/a-project/locations/europe-west4/publishers/google/models/some-model" in path_asked
    assert headers["authorization"] == "Bearer token-from-the-key-file"


def assertion(body: str, public) -> dict:
    """The content of a signed assertion, verified with the public key."""
    from urllib.parse import parse_qs

    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    head, claim, signature = parse_qs(body)["assertion"][0].split(".")
    public.verify(decoded(signature), f"{head}.{claim}".encode(), padding.PKCS1v15(), hashes.SHA256())
    return json.loads(decoded(claim))


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@pytest.mark.parametrize("broken", ["missing", "no JSON", "no key in it"])
def test_a_key_file_that_is_no_use_is_told(server, tmp_path, broken):
    path = tmp_path / "service-account.json"
    if broken == "no JSON":
        path.write_text("not a key")
    elif broken == "no key in it":
        path, _ = key_file(tmp_path, f"{server.address}/token", private_key="none")
    result, _ = request_report(server, "gemini", key="", credentials=path)
    assert f"The key file {path.name} of Gemini cannot be used" in result.problem
    assert not server.requests


def test_a_refused_account_is_reported(server, tmp_path):
    path, _ = key_file(tmp_path, f"{server.address}/refuse")
    server.answers = [lambda handler: handler.told(400, {"error": "invalid_grant"})]
    result, _ = request_report(server, "gemini", key="", credentials=path)
    assert "does not accept the key or account" in result.problem


def test_credentials_of_the_environment_sign_in_too(server, tmp_path, monkeypatch):
    path, _ = key_file(tmp_path, f"{server.address}/token")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    server.answers = [provider.written(TRUE)]
    result, _ = request_report(server, "gemini", key="", project="another-project", location="global")
    assert not result.problem
    assert "projects/another-project/locations/global" in server.asked("streamGenerateContent")[0][0]


def test_the_environment_names_the_key_and_the_model(server, monkeypatch):
    for name, value in {"API_KEY": KEY, "MODEL": "own-model", "URL": server.address}.items():
        monkeypatch.setenv(f"XRAY_GEMINI_{name}", value)
    settings.cache_clear()
    try:
        server.answers = [provider.written(TRUE)]
        result = report(planted.chest(), "gemini", consent=True)
        assert KEY not in repr(settings())
    finally:
        settings.cache_clear()
    ((path, headers, _),) = server.requests
    assert "own-model" in path
    assert headers["x-goog-api-key"] == KEY
    assert result.narrator == "gemini (own-model)"
