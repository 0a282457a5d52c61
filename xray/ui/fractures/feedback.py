"""Feedback on boxes: wrong boxes, missed fractures and a comment, stored on this computer only."""

from __future__ import annotations

import numpy as np
import streamlit as st

from xray import feedback
from xray.errors import XrayError
from xray.feedback import Feedback
from xray.types import Case, Detections
from xray.ui.common.messages import show_error
from xray.ui.viewer import draw_rectangles


def box_feedback(case: Case, found: Detections) -> None:
    """Collect and store feedback on the boxes that are shown."""
    with st.expander("Correct these boxes", icon=":material/rate_review:"):
        film = case.radiograph.sha256
        numbers = list(range(1, len(found) + 1))
        wrong = st.pills("Wrong boxes", numbers, selection_mode="multi", key=f"wrong:{film}")
        st.caption("Draw a rectangle around each missed fracture.")
        missed = draw_rectangles(case.radiograph, f"draw:{film}")
        comment = st.text_input("Comment", max_chars=500, key=f"comment:{film}")
        marked = np.isin(numbers, wrong or [])
        given = Feedback(found.xyxy[~marked], found.xyxy[marked], missed, comment)
        summary = f"{(~marked).sum()} right, {marked.sum()} wrong, {len(missed)} missed"
        if st.button(f"Keep on this computer: {summary}", icon=":material/save:", key="keep feedback"):
            try:
                feedback.keep(case.radiograph, given, found.findings[0])
            except XrayError as error:
                show_error(error)
        stored_feedback()


def stored_feedback() -> None:
    """Show what is stored and where, how to train on it, and offer export and deletion."""
    names = feedback.kept()
    if not names:
        return
    folder = feedback.feedback_folder()
    st.caption(
        f"Stored: {len(names)} films, without their names, in `{folder}`. To include them in training:"
    )
    st.code(f"python -m xray train fracture-yolov8n --extra {folder}", language=None)
    with st.container(horizontal=True):
        st.download_button(
            "Export (ZIP)",
            feedback.exported,
            "feedback.zip",
            "application/zip",
            on_click="ignore",
            icon=":material/download:",
        )
        st.button("Delete all", on_click=feedback.forget, icon=":material/delete:", key="delete feedback")
