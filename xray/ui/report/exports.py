"""Downloads of a report."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from xray.bundle.exports import offered
from xray.errors import InvalidRequest, ModelUnavailable
from xray.io.dicom_source import source_of
from xray.models.ensemble import model_of
from xray.report import Report
from xray.types import Case, Check
from xray.ui.common.checks import checks_kept
from xray.ui.common.escaping import literal
from xray.ui.session import session


def checks_done(case: Case) -> tuple[Check, ...]:
    """The checks of the map of the finding of the answer, if they were run in this session."""
    explanation = case.explanation(case.answer.finding)
    return tuple(checks_kept(case, explanation, ()))


def exports(case: Case, report: Report, checks: Sequence[Check]) -> None:
    """Show the download buttons of a report; each file is made on request.

    Args:
        case: The Case.
        report: Its report.
        checks: Checks of the map of the finding of the answer.
    """
    place = st.container(horizontal=True, key="report exports")
    try:
        model_of(case.prediction)
    except ModelUnavailable as error:
        st.caption(f"This report cannot be exported. {literal(str(error))}")
        return
    with st.popover("File options", icon=":material/tune:", type="tertiary"):
        pixels = st.checkbox("Include the film in the bundle", value=True, key="bundle pixels")
        source = study_file(case)
    with place:
        for offer in offered(case, report, checks, source=source, pixels=pixels):
            st.download_button(
                offer.label,
                offer.make,
                offer.file,
                offer.mime,
                on_click="ignore",
                icon=":material/download:",
                help=offer.about,
                key=f"report as {offer.kind}",
            )


def study_file(case: Case) -> bytes | None:
    """The film's DICOM file, if the exported DICOM files are to join its study."""
    film = case.radiograph
    source = session().original_of(film) or b""
    joins = st.checkbox(
        "Add the DICOM files to the film's study",
        disabled=not source,
        help="Uses the UIDs of the film's DICOM file and nothing else.",
        key="keep uids",
    )
    if not joins:
        return None
    try:
        source_of(source, film)
    except InvalidRequest as error:
        st.caption(literal(str(error)))
        return None
    return source
