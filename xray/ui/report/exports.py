"""A report as files."""

from __future__ import annotations

import streamlit as st

from xray.bundle.exports import offered
from xray.errors import InvalidRequest
from xray.io.dicom_out import source_of
from xray.report import Report
from xray.types import Case
from xray.ui.analyze.trust_card import checked, is_checked
from xray.ui.common.messages import literal


def exports(case: Case, report: Report) -> None:
    """Files to take along, each made when it is asked for; the checks of the map if they were made."""
    finding = case.prediction.most_likely
    explanation = case.explanation(finding)
    done = tuple(checked(case, explanation, ())) if is_checked(case, explanation, ()) else ()
    place = st.container(horizontal=True, key="report exports")
    with st.popover("File options", icon=":material/tune:", type="tertiary"):
        pixels = st.checkbox("Include the film in the bundle", value=True, key="bundle pixels")
        source = uids(case)
    with place:
        for one in offered(case, report, done, source=source, pixels=pixels):
            st.download_button(
                one.label,
                one.make,
                one.file,
                one.mime,
                on_click="ignore",
                icon=":material/download:",
                help=one.about,
                key=f"report as {one.kind}",
            )


def uids(case: Case) -> bytes | None:
    """The film's own DICOM file where the user asks that the DICOM files join its study."""
    film = case.radiograph
    uploaded = [one for one in st.session_state.get("uploads:report") or () if one.name == film.name]
    source = uploaded[0].getvalue() if uploaded else b""
    asked = st.checkbox(
        "Add the DICOM files to the film's study",
        disabled=source[128:132] != b"DICM",
        help="Uses the UIDs of the film's own DICOM file and nothing else. Open that file on this page.",
        key="keep uids",
    )
    if not asked:
        return None
    try:
        source_of(source, film)
    except InvalidRequest as error:
        st.caption(literal(str(error)))
        return None
    return source
