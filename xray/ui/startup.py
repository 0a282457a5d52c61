"""Start of a page: navigation first, then a skeleton while torch and other slow modules are imported."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import streamlit as st
from streamlit import runtime
from streamlit.errors import StreamlitAPIException

from xray.termination import limit_shutdown
from xray.ui.common.escaping import literal
from xray.ui.session import session

LOG = logging.getLogger(__name__)


@cache
def end_soon_after_sigterm() -> None:
    """Limit the shutdown of the Streamlit server; once in a process.

    Only the main thread can install a signal handler, and scripts run in other threads: the loop does it.
    """
    if runtime.exists():
        runtime.get_instance()._get_async_objs().eventloop.call_soon_threadsafe(limit_shutdown)


def open_page(script: str, title: str) -> None:
    """Show the title of a page, after running dashboard.py if the page is opened alone.

    While no `st.navigation` has run on the server, Streamlit treats each file in pages/ as a page of its own
    and runs it without dashboard.py. The call ends that, and the rerun begins in dashboard.py.

    Args:
        script: Path of the page.
        title: Shown as the page's heading.
    """
    if not session().entered:
        session().entered = True
        _run_dashboard_first(script)
    st.title(title)


def _run_dashboard_first(script: str) -> None:
    try:
        pages = [st.Page("dashboard.py", default=True), st.Page(script)]
    except StreamlitAPIException:  # the page is the main script, as in a test of one page
        return
    st.navigation(pages, position="hidden")
    st.rerun()


@contextmanager
def importing() -> Iterator[None]:
    """Show a skeleton while the block imports modules; stop the page with a message where that fails."""
    placeholder = st.empty() if "torch" in sys.modules else st.skeleton(height=400)
    try:
        yield
    except (ImportError, OSError) as error:  # OSError: a shared library is missing
        LOG.exception("a page cannot be imported")
        st.error(
            f"This page cannot be shown because a module is missing: {literal(str(error))}. "
            "Install the packages in `requirements.txt`.",
            icon=":material/error:",
        )
        st.stop()
    finally:
        placeholder.empty()
