"""TLS of the DICOM receiver (DICOM PS3.15, secure transport connection profiles)."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import Any

from xray.errors import ReceiverUnavailable


class _ReceiverContext(ssl.SSLContext):
    """Leaves the handshake to the thread of the association, so that a silent sender delays no other one."""

    def wrap_socket(self, sock: socket.socket, *arguments: Any, **options: Any) -> ssl.SSLSocket:
        return super().wrap_socket(sock, *arguments, **options | {"do_handshake_on_connect": False})


def tls_context(certificate: Path, key: Path | None = None, ca: Path | None = None) -> ssl.SSLContext:
    """Read the certificate with which the receiver proves its identity; TLS 1.2 or newer.

    Args:
        certificate: PEM file with the certificate of the receiver and its chain.
        key: PEM file with the key, not encrypted; by default it is in the file of the certificate.
        ca: PEM file with certificates; only senders with a certificate that they issued may connect.

    Raises:
        ReceiverUnavailable: A file cannot be read, or certificate and key do not belong together.
    """
    context = _ReceiverContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:
        raise ReceiverUnavailable(
            f"The certificate {certificate} and its key {key or certificate} cannot be used for TLS.",
            hint="Give two PEM files that belong together, the key without a password.",
        ) from error
    if ca:
        try:
            context.load_verify_locations(ca)
        except (OSError, ValueError) as error:
            raise ReceiverUnavailable(
                f"The certificates of senders cannot be read from {ca}.",
                hint="Give a PEM file with the certificates that issued those of the senders.",
            ) from error
        context.verify_mode = ssl.CERT_REQUIRED
    return context
