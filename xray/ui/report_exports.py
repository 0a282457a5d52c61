"""A report as files."""

from __future__ import annotations

from pathlib import PurePath

import streamlit as st

from xray.report import Report
from xray.report.text import as_text
from xray.types import Case


def exports(case: Case, report: Report) -> None:
    """Files to take along; each is a function of the Case and the report, made when it is asked for."""
    stem = PurePath(case.radiograph.name).stem
    with st.container(horizontal=True, key="report exports"):
        st.download_button(
            "Text",
            lambda: as_text(report),
            f"{stem}-report.txt",
            "text/plain",
            on_click="ignore",
            icon=":material/download:",
            key="report as text",
        )
