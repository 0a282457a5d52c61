"""The receiver with TLS: who is accepted, and that a silent connection delays no one."""

from __future__ import annotations

import os
import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pynetdicom import AE
from typer.testing import CliRunner

from tests.pacs.responder import self_signed
from tests.pacs.test_receiver import a_film
from xray.cli import app
from xray.errors import ReceiverUnavailable
from xray.io.receiver import Receiver
from xray.io.receiver_tls import tls_context


@pytest.fixture
def certificate(tmp_path) -> Callable[[str], Path]:
    """Write a self-signed certificate of 127.0.0.1 with its key."""

    def write(name: str) -> Path:
        path = tmp_path / f"{name}.pem"
        path.write_bytes(self_signed())
        return path

    return write


def client(trusted: Path, own: Path | None = None) -> ssl.SSLContext:
    """Context of a sender that checks the receiver's certificate, and may have one itself."""
    context = ssl.create_default_context(cafile=trusted)
    if own:
        context.load_cert_chain(own)
    return context


def send(port: int, context: ssl.SSLContext | None) -> int | None:
    """The status of a C-STORE; None if there is no association."""
    sender, dataset = AE("VIEWER"), a_film()
    sender.acse_timeout = sender.network_timeout = 10
    sender.add_requested_context(dataset.SOPClassUID, dataset.file_meta.TransferSyntaxUID)
    arguments = (context, "127.0.0.1") if context else None
    association = sender.associate("127.0.0.1", port, ae_title="XRAY", tls_args=arguments)
    if not association.is_established:
        return None
    status: int = association.send_c_store(dataset).Status
    association.release()
    return status


def test_only_encrypted_connections_are_accepted_and_a_silent_one_delays_no_other(certificate, tmp_path):
    own = certificate("receiver")
    receiver = Receiver(tmp_path / "films", tls=tls_context(own))
    port = receiver.start("127.0.0.1", 0)
    try:
        assert send(port, None) is None
        with socket.create_connection(("127.0.0.1", port)):  # begins no handshake
            assert send(port, client(own)) == 0
        assert send(port, client(certificate("another"))) is None, "the sender does not trust it"
    finally:
        receiver.stop()
    assert len(list((tmp_path / "films").iterdir())) == 1


def test_senders_need_a_certificate_that_is_trusted_if_the_receiver_requires_one(certificate, tmp_path):
    own, sender, stranger = (certificate(name) for name in ("receiver", "sender", "stranger"))
    receiver = Receiver(tmp_path / "films", tls=tls_context(own, ca=sender))
    port = receiver.start("127.0.0.1", 0)
    try:
        assert send(port, client(own)) is None
        assert send(port, client(own, stranger)) is None
        assert send(port, client(own, sender)) == 0
    finally:
        receiver.stop()


def test_a_file_that_is_no_certificate_is_an_error(certificate, tmp_path):
    own = certificate("receiver")
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    for files in ((empty,), (tmp_path / "absent.pem",), (own, empty)):
        with pytest.raises(ReceiverUnavailable, match="cannot be used for TLS"):
            tls_context(*files)
    with pytest.raises(ReceiverUnavailable, match="senders cannot be read"):
        tls_context(own, ca=empty)
    told = CliRunner().invoke(app, ["receive", "--out", str(tmp_path), "--tls-key", str(own)])
    assert told.exit_code == 2
    assert "TLS needs a certificate" in told.output


@pytest.mark.slow
def test_the_command_receives_with_tls(certificate, tmp_path):
    own = certificate("receiver")
    command = [sys.executable, "-m", "xray", "receive", "--port", "0", "--out", tmp_path / "films"]
    with subprocess.Popen(
        [*command, "--tls-certificate", own, "--tls-key", own],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as server:
        try:
            line = server.stdout.readline()
            assert "with TLS" in line
            assert send(int(re.search(r"port (\d+)", line)[1]), client(own)) == 0
        finally:
            server.kill()
