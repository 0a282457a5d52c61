"""The access policy: who may read and change the history, feedback, folders and classes of the server."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Literal

from xray.errors import AccessDenied
from xray.settings import settings

Origin = Literal["terminal", "loopback", "remote"]
Resource = Literal["history", "feedback", "files", "pacs", "classes"]

COMPUTER = ""  # owner of what belongs to all users of this computer
PROXY_HEADER = re.compile(r"forwarded|proxy|^via$|-ip$|^x-original|^x-envoy", re.IGNORECASE)


@dataclass(frozen=True)
class Visitor:
    """Identity of the sender of a request.

    Attributes:
        user: Issuer and subject of the signed-in user; empty when nobody is signed in.
        session: Random id of the browser session.
        origin: Where the request comes from: the terminal, a browser on this computer, or elsewhere.
        sign_in: Whether the server has a sign-in.
    """

    user: str = ""
    session: str = ""
    origin: Origin = "remote"
    sign_in: bool = False


TERMINAL = Visitor(origin="terminal")


def owner_of(visitor: Visitor, resource: Resource) -> str:
    """Decide whether a visitor may use a resource, and which part of it.

    Args:
        visitor: Who makes the request.
        resource: `history`, `feedback` and `classes` are separate for each owner; `files` are the folders of
            the computer that runs the program, `pacs` the films of the PACS and of the receiver.

    Returns:
        Owner under which the visitor's part is stored; COMPUTER for users of this computer.

    Raises:
        AccessDenied: If no part of the resource belongs to the visitor.
    """
    access = settings().local_files
    is_local = visitor.origin == "terminal" or (visitor.origin == "loopback" and access != "never")
    if resource == "files":
        if is_local or access == "always":
            return COMPUTER
        raise AccessDenied(
            "Folders of the server are available only to a browser on the same computer.",
            hint="Upload the films instead. XRAY_LOCAL_FILES changes this setting.",
        )
    if resource == "pacs":
        if is_local or visitor.user or settings().pacs_shared:
            return COMPUTER
        raise AccessDenied(
            "The PACS is available to signed-in users and on the computer that runs this page.",
            hint="XRAY_PACS_SHARED changes this setting.",
        )
    if visitor.user:
        return visitor.user
    if resource == "history":
        if not visitor.sign_in and (is_local or settings().history_shared):
            return COMPUTER
        raise AccessDenied(
            "The history is available to signed-in users and on the computer that runs this page."
        )
    if is_local:
        return COMPUTER
    if visitor.session:
        return f"session {visitor.session}"
    raise AccessDenied("Feedback and classes need a browser session.", hint="Reload the page.")


def may_use(visitor: Visitor, resource: Resource) -> bool:
    """Whether a visitor may use a resource."""
    try:
        owner_of(visitor, resource)
    except AccessDenied:
        return False
    return True


def request_origin(address: str | None, headers: Iterable[tuple[str, str]]) -> Origin:
    """Where an HTTP request comes from.

    A request is local if its address is a loopback address, the page's address in the browser is a loopback
    name, and no header shows that a proxy forwarded it.

    Args:
        address: Address of the client; None for loopback, as in Streamlit's `st.context`.
        headers: Names and values of the request's headers.
    """
    named = [(name.lower(), value) for name, value in headers]
    hosts = [value for name, value in named if name == "host"]
    is_direct = not any(PROXY_HEADER.search(name) for name, _ in named)
    is_named_locally = bool(hosts) and all(map(_names_loopback, hosts))
    is_local = is_direct and is_named_locally and (address is None or _is_loopback(address))
    return "loopback" if is_local else "remote"


def _names_loopback(host: str) -> bool:
    """Whether the Host header of a request names this computer: localhost or a loopback address."""
    name = re.sub(r":\d*$", "", host.strip().lower()).removesuffix(".")
    return name == "localhost" or name.endswith(".localhost") or _is_loopback(name.strip("[]"))


def _is_loopback(address: str) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return (mapped or parsed).is_loopback
