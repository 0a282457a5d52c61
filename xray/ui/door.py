"""Every page is entered through dashboard.py, also when its address is opened first on a fresh server.

A folder called pages/ makes Streamlit start as its older kind of app, in which the address of a page runs it
alone, without navigation and notice.
"""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

DOOR = "door"


def open_door() -> None:
    """Said by dashboard.py."""
    st.session_state[DOOR] = True


def enter() -> None:
    """Said by every page: begin again at dashboard.py where it was left out."""
    if PagesManager.uses_pages_directory and DOOR not in st.session_state:
        PagesManager.uses_pages_directory = False
        st.rerun()
