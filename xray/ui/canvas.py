"""A film to draw rectangles on."""

from __future__ import annotations

import base64

import cv2
import numpy as np
import plotly.graph_objects as go
import streamlit as st

from xray.types import Pixels, Radiograph
from xray.ui.pictures import film_picture, reduced

GRID = 60  # invisible points a side, so that a rectangle drawn anywhere selects something


def drawn(radiograph: Radiograph, key: str) -> Pixels:
    """Rectangles (n, 4) that the user draws over the film, in source pixels."""
    height, width = radiograph.pixels.shape
    event = st.plotly_chart(
        canvas(radiograph),
        on_select="rerun",
        selection_mode="box",
        config={"displayModeBar": False},
        key=key,
    )
    corners = [
        [min(box["x"]), min(box["y"]), max(box["x"]), max(box["y"])] for box in event["selection"]["box"]
    ]
    return np.array(corners, np.float32).reshape(-1, 4).clip(0, [width, height, width, height])


def canvas(radiograph: Radiograph) -> go.Figure:
    """The film with axes in source pixels, ready to draw on."""
    height, width = radiograph.pixels.shape
    _, encoded = cv2.imencode(".jpg", film_picture(reduced(radiograph)))
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
