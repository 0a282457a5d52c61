"""A report that was saved in the history, shown on the Report page as it was accepted."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from xray.history.reports import AcceptedReport
from xray.ui.common.cases import case_notices
from xray.ui.common.escaping import literal
from xray.ui.common.keeping import moment, titles
from xray.ui.common.messages import fragment
from xray.ui.report.drafts import Desk
from xray.ui.report.exports import exports
from xray.ui.report.view import film_with_map, sentences
from xray.ui.session import session


@dataclass(frozen=True)
class SavedReport:
    """A saved report that is open.

    Attributes:
        accepted: The report with its Case and checks.
        desk: Holds the report as the only draft.
    """

    accepted: AcceptedReport
    desk: Desk


def show_saved(accepted: AcceptedReport) -> None:
    """Show a saved report when the Report page opens next."""
    desk = Desk()
    desk.add(accepted.report)
    session().saved_report = SavedReport(accepted, desk)


@fragment
def saved_reporting(saved: SavedReport) -> None:
    """Show a saved report: film and text side by side, and the downloads.

    Args:
        saved: The open report.
    """
    accepted, desk = saved.accepted, saved.desk
    case, report = accepted.case, accepted.report
    with st.container(horizontal=True, vertical_alignment="center"):
        model_id = case.prediction.model_id
        time = f" on {moment(accepted.at)}" if accepted.at else ""
        st.markdown(
            f":material/history: Report of the history, accepted{time}. Predictions by "
            f"{literal(titles().get(model_id, model_id))}."
        )
        if st.button("Close", icon=":material/close:", type="tertiary", key="close saved"):
            session().saved_report = None
            st.rerun()
    case_notices(case)
    picture, text = st.columns([5, 6], gap="medium")
    with text:
        sentences(desk, report)
        exports(case, report, accepted.checks)
    with picture:
        film_with_map(case, desk)
