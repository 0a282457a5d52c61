"""Servers that do not respond as a PACS: each is an error with a reason, and none gets the sign-in data."""

from __future__ import annotations

import json
import ssl
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from pydicom.uid import generate_uid

from tests.corpus import dicom, film
from tests.pacs.responder import Handler, self_signed, serving
from xray.errors import PacsUnavailable, XrayError
from xray.io.dicomweb import Pacs, RemoteFilm, place

JSON = "application/dicom+json"
MULTIPART = 'multipart/related; type="application/dicom"; boundary=b'
FILM = RemoteFilm("1.2", "1.2.3", "1.2.3.4")


def message(error: type[XrayError], call, *arguments: object) -> str:
    with pytest.raises(error) as caught:
        call(*arguments)
    assert caught.value.hint
    assert caught.value.__cause__ is None
    return str(caught.value)


@pytest.mark.parametrize(
    ("status", "headers", "body", "expected"),
    [
        (401, {}, b"", "requires a sign-in"),
        (403, {}, b"", "does not permit"),
        (404, {"Content-Type": "text/html"}, b"<html>", "nothing at this address"),
        (500, {}, b"", "status 500"),
        (503, {}, b"", "status 503"),
        (200, {"Content-Type": "text/html"}, b"<html>Welcome", "a web page instead of DICOM"),
        (200, {"Content-Type": JSON}, b"[{", "not valid DICOM"),
        (200, {"Content-Type": JSON}, b'[{"00080016": 7}]', "not valid DICOM"),
        (200, {"Content-Type": JSON}, b'["text"]', "not valid DICOM"),
        (200, {"Content-Type": JSON}, b"[{}]", "not valid DICOM"),
        (302, {"Location": "http://127.0.0.1:1/x"}, b"", "redirects"),
        (200, {"Content-Type": JSON, "Content-Length": str(2**40)}, b"", "more than 1 MB"),
        (200, {"Content-Type": JSON}, b" " * (2**20 + 1), "more than 1 MB"),
    ],
)
def test_a_search_that_fails_states_why(status, headers, body, expected, configured):
    configured(pacs_mb=1)
    with serving(status, headers, body) as server:
        assert expected in message(PacsUnavailable, Pacs(server.url).search, {})
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Type": MULTIPART}, b""),
        ({"Content-Type": MULTIPART}, b"--b\r\nContent-Type: application/dicom"),
        ({"Content-Type": MULTIPART}, b"--b\r\n\r\nnothing\r\n--b--"),
        ({"Content-Type": "application/dicom"}, b"nothing"),
        ({"Content-Type": JSON}, b"[]"),
        ({}, b""),
        (
            {"Content-Type": MULTIPART},
            b"--b\r\n\r\n" + dicom(film(), SOPInstanceUID="1.9") + b"\r\n--b--",
        ),
    ],
)
def test_a_malformed_film_states_that_it_is_not_dicom(headers, body, configured):
    with serving(200, headers, body) as server:
        assert "not valid DICOM" in message(PacsUnavailable, Pacs(server.url).retrieve, FILM)


def test_an_empty_response_is_an_empty_result():
    for status in (200, 204):
        with serving(status, {"Content-Type": JSON}) as server:
            assert Pacs(server.url).search({}) == []


def test_a_server_that_ignores_the_offset_does_not_keep_the_search_running():
    item = {
        tag: {"vr": "UI", "Value": [value]}
        for tag, value in (
            ("00080016", "1.2.840.10008.5.1.4.1.1.1"),
            ("00080018", "1.2.3.4"),
            ("0020000D", "1.2"),
            ("0020000E", "1.2.3"),
        )
    }
    with serving(200, {"Content-Type": f"{JSON};charset=utf-8"}, json.dumps([item]).encode()) as server:
        assert Pacs(server.url).search({}) == [FILM]
        assert len(server.requests) == 2


def test_a_server_that_does_not_respond_or_is_not_there(configured):
    configured(pacs_timeout=0.05)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as silent:  # accepts connections only
        url = f"http://127.0.0.1:{silent.server_port}"
        assert "did not respond in time" in message(PacsUnavailable, Pacs(url).search, {})
    assert "cannot be reached" in message(PacsUnavailable, Pacs(url).search, {})


def test_sign_in_data_are_sent_to_the_configured_server_only(configured):
    with serving(200, {"Content-Type": JSON}, b"[]") as known, serving(200, {}, b"[]") as other:
        configured(pacs_url=known.url, pacs_user="rëader", pacs_password="pä55")
        for server in (known, other):
            Pacs(server.url).search({})
        configured(pacs_token="t0ken")
        Pacs().search({})
    assert [headers["Authorization"] for _, headers in known.requests] == [
        "Basic csOrYWRlcjpww6Q1NQ==",
        "Bearer t0ken",
    ]
    assert not any("Authorization" in headers for _, headers in other.requests)


def test_no_message_or_log_contains_sign_in_data_or_the_search(configured, caplog):
    caplog.set_level(0)
    with serving(401, {"WWW-Authenticate": "Basic"}, b"") as server:
        configured(pacs_url=server.url, pacs_user="reader", pacs_password="pa55")
        said = message(PacsUnavailable, Pacs().search, {"PatientID": "470814711"})
    own = [record.getMessage() for record in caplog.records if not record.name.startswith("urllib3")]
    assert not any(word in "".join([said, *own]) for word in ("pa55", "cmVhZGVy", "470814711"))


@pytest.mark.parametrize(("status", "refused"), [(409, "both"), (202, "second")])
def test_refused_objects_have_reasons(status, refused):
    uids = [generate_uid(), generate_uid()]
    files = [
        dicom(film(), StudyInstanceUID="1.2", SeriesInstanceUID="1.2.3", SOPInstanceUID=uid) for uid in uids
    ]

    def sequence(tag: str, *items: tuple[str, int]) -> dict[str, object]:
        values = [
            {"00081155": {"vr": "UI", "Value": [uid]}, "00081197": {"vr": "US", "Value": [code]}}
            for uid, code in items
        ]
        return {tag: {"vr": "SQ", "Value": values}}

    body = sequence("00081198", (uids[1], 0x0122), *([(uids[0], 0xA700)] if refused == "both" else []))
    body |= {} if refused == "both" else sequence("00081199", (uids[0], 0))
    with serving(status, {"Content-Type": JSON}, json.dumps(body).encode()) as server:
        pacs = Pacs(server.url)
        pacs._client.search_for_studies = lambda **_: []  # type: ignore[method-assign]
        first, second = pacs.store(files)
    assert second.reason == "the server does not accept this kind of object (code 0122)"
    assert first.reason == ("the server is out of resources (code A700)" if refused == "both" else "")


def test_a_self_signed_certificate_is_refused_unless_its_file_is_set(tmp_path, configured, monkeypatch):
    certificate = str(tmp_path / "pacs.pem")
    Path(certificate).write_bytes(self_signed())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.load_verify_locations(certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    with serving(200, {"Content-Type": JSON}, b"[]") as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        url = server.url.replace("http:", "https:")
        configured(pacs_url=url, pacs_certificate=certificate)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate)  # has no effect on the PACS
        refused = message(PacsUnavailable, Pacs().search, {})
        assert "certificate of 127.0.0.1" in refused
        assert "XRAY_PACS_CA" in refused
        configured(pacs_ca=certificate)
        assert Pacs().search({}) == []
        configured(pacs_ca="/nowhere.pem")
        assert "no certificate file /nowhere.pem" in message(PacsUnavailable, Pacs().search, {})


def test_an_address_that_is_no_url():
    for url in ("pacs.example", "ftp://pacs.example", "http://", "http://a:b", "http://[::1"):
        assert "is not a URL" in message(PacsUnavailable, Pacs, url)
    assert "s3cret" not in message(PacsUnavailable, Pacs, "http://me:s3cret@pacs.example")


@pytest.mark.parametrize("url", ["http://a:b", "http://me:s3cret@pacs.example"])
def test_an_invalid_address_in_the_settings_is_an_error_for_every_server(url, configured):
    configured(pacs_url=url)
    for call in (lambda: place("dicomweb://pacs.example/dw"), lambda: Pacs("http://127.0.0.1:1").search({})):
        assert "s3cret" not in message(PacsUnavailable, call)
