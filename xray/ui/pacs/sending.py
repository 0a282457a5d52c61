"""Send the results of a film to the PACS, after a list of what is sent and an explicit confirmation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from xray.access import may_use
from xray.errors import XrayError
from xray.settings import settings
from xray.types import Case
from xray.ui.access import visitor
from xray.ui.common.escaping import literal
from xray.ui.session import session
from xray.wording import counted

if TYPE_CHECKING:  # the page shows before highdicom and dicomweb-client are imported
    from xray.io.dicomweb_objects import Stored

KINDS = {
    "findings.dcm": "Findings (structured report)",
    "overlay.dcm": "Overlay (Secondary Capture)",
    "map.dcm": "Raw map (Parametric Map)",
    "area.dcm": "Area of the map (Segmentation)",
}
FILES, RESULTS, PROBLEM = (f"{kind} sent to the PACS" for kind in ("files", "results", "problem"))


def send_button(case: Case, finding: str) -> None:
    """Show a button that sends results to the PACS, for a film that has a DICOM file."""
    source = session().original_of(case.radiograph)
    if not settings().pacs_url or source is None or not may_use(visitor(), "pacs"):
        return
    if st.button("Send to PACS", icon=":material/send:", key="send to pacs"):
        for key in (FILES, RESULTS, PROBLEM):
            st.session_state.pop(key, None)
        st.dialog("Send to PACS")(confirm)(case, finding, source)


def confirm(case: Case, finding: str, source: bytes) -> None:
    """List what is sent and where; send it when the user confirms, and show the result of each object."""
    from xray.bundle.exports import dicom_files
    from xray.io.dicomweb import Pacs
    from xray.io.dicomweb_objects import described

    try:
        pacs = Pacs()
        if RESULTS in st.session_state:
            _show(st.session_state[RESULTS])
            return
        if FILES not in st.session_state:
            with st.spinner("Making the objects …"):
                st.session_state[FILES] = dicom_files(case, finding, source)
        if PROBLEM in st.session_state:
            st.error(literal(st.session_state.pop(PROBLEM)), icon=":material/cloud_off:")
        files: dict[str, bytes] = st.session_state[FILES]
        st.markdown("These objects are sent to the PACS and join the study of the film:")
        st.code(pacs.url, language=None)
        chosen = [
            name
            for name, kind in KINDS.items()
            if name in files
            and st.checkbox(kind, value=True, key=f"send {name}", help=literal(described(files[name])))
        ]
        st.caption(
            f"{literal(finding)}, model {literal(case.prediction.model_id)}. The data of patient and "
            "study are completed from the study in the PACS. The results are for research only."
        )
        st.button(
            f"Yes, send {counted(len(chosen), 'object')}",
            type="primary",
            disabled=not chosen,
            key="confirm sending",
            on_click=_send,
            args=({name: files[name] for name in chosen},),
        )
    except XrayError as error:
        st.error(literal(str(error)), icon=":material/cloud_off:")


def _send(files: dict[str, bytes]) -> None:
    """Send files, and keep the results or the problem for the next run of the dialog."""
    from xray.io.dicomweb import Pacs

    try:
        st.session_state[RESULTS] = dict(zip(files, Pacs().store([*files.values()]), strict=True))
    except XrayError as error:
        st.session_state[PROBLEM] = str(error)


def _show(results: dict[str, Stored]) -> None:
    for name, result in results.items():
        if result.reason:
            st.error(f"{KINDS[name]}: refused, {literal(result.reason)}.", icon=":material/block:")
        else:
            st.success(f"{KINDS[name]}: stored.", icon=":material/check:")
