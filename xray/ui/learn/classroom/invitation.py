"""How students join: the address for their phones, the code and the QR code."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from xray.learn.classroom.invitation import is_loopback, join_url, lan_addresses, qr_code
from xray.learn.classroom.room import Classroom

LOCAL_ONLY = (
    "Phones cannot reach this page: the server listens only on this computer. Stop it and start it with "
    "`streamlit run dashboard.py --server.address 0.0.0.0`."
)
NO_NETWORK = (
    "Phones cannot reach this page: this computer is in no network. Join the wireless network of the phones, "
    "or turn on this computer's hotspot, and reload this page."
)


def invitation(room: Classroom, width: int = 420) -> None:
    """Show the QR code, the address and the code of a class, or why phones cannot reach it."""
    page = st.context.url or f"http://localhost:{st.get_option('server.port')}/learn"
    host = ""
    if is_loopback(urlsplit(page).hostname):
        found = lan_addresses()
        if is_loopback(st.get_option("server.address")):
            st.warning(LOCAL_ONLY, icon=":material/wifi_off:")
        elif not found:
            st.warning(NO_NETWORK, icon=":material/wifi_off:")
        host = found[0] if found else ""
        if len(found) > 1:
            host = st.selectbox(
                "Network",
                found,
                key="class network",
                persist_state="session",
                help="Addresses of this computer. Choose the network that the phones are in.",
            )
    url = join_url(page, room.code, host)
    st.image(qr_code(url), width=width, alt=f"QR code of {url}")
    st.code(url, language=None, wrap_lines=True)
    st.caption(f"Or open the Learn page on the phone, choose Class and enter the code **{room.code}**.")
