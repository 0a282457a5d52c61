"""Labels of a cohort: a list for those that have none, or in place of the present ones."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from xray.cohort.labels import Labels, listed
from xray.errors import UnusableData, XrayError
from xray.ui.cohort.session import Shown
from xray.ui.common.escaping import literal
from xray.ui.common.messages import show_error


def choose_labels(shown: Shown) -> None:
    """An uploader of a list of labels, behind a click if the films have labels."""
    if not len(shown.labels):
        _uploader(shown)
        return
    if note := shown.labels.note(shown.entry.findings):
        st.warning(literal(note), icon=":material/rule:")
    with st.expander("Use another list of labels", icon=":material/upload_file:"):
        _uploader(shown)


def _uploader(shown: Shown) -> None:
    given = st.file_uploader(
        "Labels: a CSV or TSV with the columns path and labels", type=["csv", "tsv"], key="cohort labels"
    )
    st.caption(
        "One line per film: path or file name, and labels joined by |, for example "
        "`film-01.png,Effusion|Mass` or `film-02.png,No Finding`. With a column patient_id, the "
        "intervals resample patients instead of films."
    )
    if given is None or given.file_id == shown.labels_from:
        return
    try:
        shown.use(_read(shown, given), given.file_id)
    except XrayError as error:
        show_error(error)
        return
    st.rerun()


def _read(shown: Shown, given: UploadedFile) -> Labels:
    findings = shown.entry.findings
    labels = listed([(given.name, given.getvalue())], [file.name for file in shown.job.files])
    if not labels.describe(findings):
        raise UnusableData(
            f"{given.name} has no label that {shown.entry.title} reports. {labels.note(findings)}",
            hint=f"Write the names of findings, such as {findings[0]}.",
        )
    return labels
