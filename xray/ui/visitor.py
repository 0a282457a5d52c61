"""Where the browser is: at the computer that runs the page, or elsewhere."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

import streamlit as st


def is_at_this_computer() -> bool:
    """Not for who comes through a proxy on this computer: all of them look as if they sat here."""
    return is_this_computer(st.context.ip_address)


def is_this_computer(told: str | None) -> bool:
    """Streamlit tells no address for localhost, but for 127.0.0.1 one that may be wrapped in IPv6."""
    if told is None:
        return True
    try:
        address = ip_address(told)
    except ValueError:
        return False
    wrapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (wrapped or address).is_loopback
