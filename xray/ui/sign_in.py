"""Who uses the page: signed in with a provider of .streamlit/secrets.toml, or nobody in particular."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from xray.ui.common.text import literal


def is_configured() -> bool:
    """Whether there is an [auth] section in secrets.toml."""
    return "is_logged_in" in st.user


def owner() -> str:
    """Who is signed in, as the provider and its own name for the user; empty for nobody."""
    return f"{st.user['iss']} {st.user['sub']}" if _is_signed_in() else ""


def sign_in() -> None:
    """In the sidebar: a button for each provider, or the name and the way out; nothing without providers."""
    if not is_configured():
        return
    with st.sidebar:
        if _is_signed_in():
            name = st.user.get("name") or st.user.get("email") or st.user["sub"]
            with st.container(horizontal=True, vertical_alignment="center", key="signed in"):
                st.markdown(f":material/account_circle: {literal(str(name))}", width="stretch")
                st.button("Sign out", type="tertiary", on_click=_sign_out)
            return
        for provider, title in providers(st.secrets["auth"]).items():
            st.button(
                title,
                icon=":material/login:",
                on_click=st.login,
                args=(provider,) if provider else (),
                width="stretch",
            )


def _is_signed_in() -> bool:
    return bool(st.user.get("is_logged_in"))


def providers(auth: Mapping[str, object]) -> dict[str, str]:
    """What st.login is told, and what its button says, for each provider of an [auth] section."""
    if "client_id" in auth:
        return {"": "Sign in"}
    named = [name for name, one in auth.items() if isinstance(one, Mapping) and "client_id" in one]
    return {name: f"Sign in with {name.replace('-', ' ').capitalize()}" for name in named}


def _sign_out() -> None:
    """Leave nothing of this user's films and answers to who comes next."""
    st.session_state.clear()
    st.logout()
