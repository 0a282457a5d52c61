"""Telling what is right: boxes marked wrong, missed ones drawn, a comment; kept on this computer alone."""

from __future__ import annotations

import base64

import cv2
import numpy as np
import plotly.graph_objects as go
import streamlit as st

from xray import feedback
from xray.errors import XrayError
from xray.feedback import Feedback
from xray.types import Case, Detections, Pixels
from xray.ui.pictures import film_picture, shrunk
from xray.ui.text import literal

GRID = 60  # invisible points a side, so that a rectangle drawn anywhere selects something


def box_feedback(case: Case, found: Detections) -> None:
    """What the user says of the boxes drawn now."""
    with st.expander("Tell what is right", icon=":material/rate_review:"):
        film = case.radiograph.sha256
        numbers = list(range(1, len(found) + 1))
        wrong = st.pills("Boxes that are wrong", numbers, selection_mode="multi", key=f"wrong:{film}")
        st.caption("Missed one? Draw a rectangle around it; hold Shift for several.")
        missed = drawn(case)
        comment = st.text_input("Comment", max_chars=500, key=f"comment:{film}")
        marked = np.isin(numbers, wrong or [])
        given = Feedback(found.xyxy[~marked], found.xyxy[marked], missed, comment)
        said = f"{(~marked).sum()} right, {marked.sum()} wrong, {len(missed)} missed"
        if st.button(f"Keep on this computer: {said}", icon=":material/save:", key="keep feedback"):
            try:
                feedback.keep(case.radiograph, given, found.findings[0])
            except XrayError as error:
                st.error(literal(str(error)), icon=":material/error:")
        kept_so_far()


def kept_so_far() -> None:
    """What is kept, where, how to train on it; export and deletion."""
    names = feedback.kept()
    if not names:
        return
    folder = feedback.feedback_folder()
    st.caption(f"Kept: {len(names)} films, without their names, in `{folder}`. Train on them too:")
    st.code(f"python -m xray train fracture-yolov8n --extra {folder}", language="bash")
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


def drawn(case: Case) -> Pixels:
    """Rectangles (n, 4) that the user draws over the film, in source pixels."""
    height, width = case.radiograph.pixels.shape
    event = st.plotly_chart(
        canvas(case),
        on_select="rerun",
        selection_mode="box",
        config={"displayModeBar": False},
        key=f"draw:{case.radiograph.sha256}",
    )
    corners = [
        [min(box["x"]), min(box["y"]), max(box["x"]), max(box["y"])] for box in event["selection"]["box"]
    ]
    return np.array(corners, np.float32).reshape(-1, 4).clip(0, [width, height, width, height])


def canvas(case: Case) -> go.Figure:
    """The film with axes in source pixels, ready to draw on."""
    height, width = case.radiograph.pixels.shape
    _, encoded = cv2.imencode(".jpg", film_picture(shrunk(case).radiograph))
    source = f"data:image/jpeg;base64,{base64.b64encode(encoded.tobytes()).decode()}"
    x, y = np.meshgrid(np.linspace(0, width, GRID), np.linspace(0, height, GRID))
    figure = go.Figure(go.Scatter(x=x.ravel(), y=y.ravel(), mode="markers", opacity=0, hoverinfo="skip"))
    picture = {"source": source, "xref": "x", "yref": "y", "x": 0, "y": 0, "sizex": width, "sizey": height}
    figure.update_layout(
        images=[picture | {"sizing": "stretch", "layer": "below"}],
        dragmode="select",
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        height=520,
    )
    figure.update_xaxes(range=[0, width], visible=False, constrain="domain")
    figure.update_yaxes(range=[height, 0], visible=False, scaleanchor="x", constrain="domain")
    return figure
