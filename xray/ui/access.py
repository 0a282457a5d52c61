"""Who uses the page: the user that is signed in, and whether the browser runs on the server's computer."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address

import streamlit as st

from xray.ui.common.messages import literal


def is_at_this_computer() -> bool:
    """Whether the browser runs on the computer that serves the page.

    Behind a proxy on this computer it is true for every visitor: Streamlit sees the proxy's address.
    """
    return is_this_computer(st.context.ip_address)


def is_this_computer(address: str | None) -> bool:
    """Whether an address of st.context is this computer: None for localhost, or a loopback address."""
    if address is None:
        return True
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return (mapped or parsed).is_loopback


def is_configured() -> bool:
    """Whether secrets.toml has an [auth] section."""
    return "is_logged_in" in st.user


def owner() -> str:
    """The signed-in user as issuer and subject; empty when nobody is signed in."""
    return f"{st.user['iss']} {st.user['sub']}" if _is_signed_in() else ""


def sign_in() -> None:
    """Show a sign-in button for each provider, or the user's name and a sign-out button, in the sidebar."""
    if not is_configured():
        return
    with st.sidebar:
        if _is_signed_in():
            name = st.user.get("name") or st.user.get("email") or st.user["sub"]
            with st.container(horizontal=True, vertical_alignment="center", key="signed in"):
                st.markdown(f":material/account_circle: {literal(str(name))}", width="stretch")
                st.button("Sign out", type="tertiary", on_click=_sign_out)
            return
        for provider, label in providers(st.secrets["auth"]).items():
            st.button(
                label,
                icon=":material/login:",
                on_click=st.login,
                args=(provider,) if provider else (),
                width="stretch",
            )


def providers(auth: Mapping[str, object]) -> dict[str, str]:
    """Button labels by provider, from an [auth] section; a single unnamed provider has the key ""."""
    if "client_id" in auth:
        return {"": "Sign in"}
    names = [
        name for name, section in auth.items() if isinstance(section, Mapping) and "client_id" in section
    ]
    return {name: f"Sign in with {name.replace('-', ' ').capitalize()}" for name in names}


def _is_signed_in() -> bool:
    return bool(st.user.get("is_logged_in"))


def _sign_out() -> None:
    """Sign out and drop the session's films and results, so that the next user does not see them."""
    st.session_state.clear()
    st.logout()
