"""Feedback on boxes: wrong boxes, missed fractures and a comment, stored on the server only."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from xray import feedback
from xray.access import may_use
from xray.errors import XrayError
from xray.feedback import Feedback
from xray.types import Case, Detections
from xray.ui.access import visitor
from xray.ui.common.escaping import literal
from xray.ui.common.messages import show_error
from xray.ui.viewer import draw_rectangles
from xray.wording import counted


def box_feedback(case: Case, found: Detections) -> None:
    """Collect and store feedback on the boxes that are shown."""
    numbers = list(range(1, len(found) + 1))
    with st.expander(
        "Correct these boxes" if numbers else "Mark missed fractures", icon=":material/rate_review:"
    ):
        film, wrong = case.radiograph.sha256, list[int]()
        if numbers:
            wrong = st.pills(
                "Wrong boxes",
                numbers,
                selection_mode="multi",
                key=f"wrong:{film}",
                help="Numbers of the boxes on the film above, from the operating point on. The others are "
                "stored as right.",
            )
        st.caption("Draw a rectangle around each missed fracture.")
        missed = draw_rectangles(case.radiograph, f"draw:{film}")
        comment = st.text_input("Comment", max_chars=500, key=f"comment:{film}")
        marked = np.isin(numbers, wrong)
        given = Feedback(found.xyxy[~marked], found.xyxy[marked], missed, comment)
        boxes = f"{(~marked).sum()} right, {marked.sum()} wrong, " if numbers else ""
        summary = f"{boxes}{len(missed)} missed"
        place = "this computer" if may_use(visitor(), "files") else "the server"
        if st.button(f"Keep on {place}: {summary}", icon=":material/save:", key="keep feedback"):
            try:
                feedback.keep(case.radiograph, given, found.findings[0], visitor())
            except XrayError as error:
                show_error(error)
        stored_feedback()


def stored_feedback() -> None:
    """Show how many films this visitor stored and how to train on them; offer export and deletion."""
    giver = visitor()  # a download runs outside the run that offers it
    number = len(feedback.kept(giver))
    if not number:
        return
    stored = f"Stored: {counted(number, 'film')}, without file names"
    if may_use(giver, "files"):
        folder = feedback.feedback_folder(giver)
        st.caption(f"{stored}, in {literal(str(folder))}. To include them in training:")
        st.code(f"python -m xray train fracture-yolov8n --extra {folder}", language=None)
    else:
        kept = "" if giver.user else " They can be exported and deleted until this browser session ends."
        st.caption(f"{stored}, on the server. Other visitors do not see them.{kept}")
    with st.container(horizontal=True):
        st.download_button(
            "Export (ZIP)",
            partial(feedback.exported, giver),
            "feedback.zip",
            "application/zip",
            on_click="ignore",
            icon=":material/download:",
        )
        st.button(
            "Delete all",
            on_click=feedback.forget,
            args=(giver,),
            icon=":material/delete:",
            key="delete feedback",
        )
