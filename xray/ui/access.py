"""The visitor of a page: the signed-in user and the origin of the request; sign-in and sign-out."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from xray.access import Visitor, owner_of, request_origin
from xray.ui.common.escaping import literal
from xray.ui.session import session


def visitor() -> Visitor:
    """The visitor whose page is running, for the access policy (xray.access)."""
    return Visitor(
        user=f"{st.user['iss']} {st.user['sub']}" if _is_signed_in() else "",
        session=session().id,
        origin=request_origin(st.context.ip_address, _headers()),
        sign_in=is_configured(),
    )


def _headers() -> list[tuple[str, str]]:
    """Headers of the request that opened the session; none without a connected browser."""
    headers = st.context.headers
    return [(name, value) for name in headers for value in headers.get_all(name)]


def is_configured() -> bool:
    """Whether secrets.toml has an [auth] section."""
    return "is_logged_in" in st.user


def owner() -> str:
    """Owner of the visitor's history. Raises AccessDenied."""
    return owner_of(visitor(), "history")


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
    from xray.ui.reload import forget  # imports this module

    forget()
    st.session_state.clear()
    st.logout()
