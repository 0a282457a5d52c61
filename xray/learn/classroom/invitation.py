"""Address under which phones in the same network reach a class, and its QR code."""

from __future__ import annotations

import io
import re
import socket
from ipaddress import ip_address
from urllib.parse import urlencode, urlsplit, urlunsplit

import psutil
import segno

CLASS = "class"  # query parameter
MODULE = 12  # pixels of a module of the QR code
VIRTUAL = re.compile(r"docker|veth|^br-|virbr|vmnet|vmware|virtualbox|hyper-v|wsl|tailscale|^u?tun|^wg")


def lan_addresses() -> list[str]:
    """IPv4 addresses of this computer in local networks; those of virtual networks come last."""
    up = {name for name, facts in psutil.net_if_stats().items() if facts.isup}
    found = [
        (bool(VIRTUAL.search(name.lower())), item.address)
        for name, items in psutil.net_if_addrs().items()
        for item in items
        if name in up and item.family == socket.AF_INET and _is_lan(item.address)
    ]
    return [address for _, address in sorted(found, key=lambda pair: pair[0])]


def is_loopback(host: str | None) -> bool:
    """Whether only this computer reaches a host: localhost or a loopback address."""
    if not host:
        return False
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def join_url(page: str, code: str, host: str = "") -> str:
    """Address with which a phone joins a class.

    Args:
        page: Address of the Learn page in the teacher's browser.
        code: Code of the class.
        host: Address of this computer in place of the host in `page`; the port stays.
    """
    parts = urlsplit(page)
    port = f":{parts.port}" if parts.port else ""
    place = f"{host}{port}" if host else parts.netloc
    return urlunsplit((parts.scheme, place, parts.path, urlencode({CLASS: code}), ""))


def qr_code(url: str) -> bytes:
    """QR code as PNG: black on white, with a quiet zone of four modules."""
    png = io.BytesIO()
    segno.make_qr(url, error="m").save(png, kind="png", border=4, scale=MODULE)
    return png.getvalue()


def _is_lan(address: str) -> bool:
    parsed = ip_address(address)
    return not (parsed.is_loopback or parsed.is_link_local or parsed.is_unspecified)
