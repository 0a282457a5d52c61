"""Every page is entered through dashboard.py, also when its address is opened first on a fresh server."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager


def enter() -> None:
    """Begin again at dashboard.py where Streamlit has started this page alone.

    Until st.navigation was called once, Streamlit takes a folder called pages/ for its older kind of app.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()
