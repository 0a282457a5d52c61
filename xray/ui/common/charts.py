"""Colors, axes and layout of all charts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas  # noqa: F401 - before any figure: plotly fails while another thread imports pandas
import plotly.graph_objects as go
import streamlit as st

from xray.ui.common.escaping import chart_text

DARK = "#E8A33D", "#56B4E9", "#E6EAF1", "#FAFAFA", "#0D1014"  # of .streamlit/config.toml
LIGHT = "#B8720A", "#0F6FA8", "#808495", "#262730", "#FFFFFF"  # of .streamlit/light.env
AMBER, BLUE, GRAY, MARK, NIGHT = LIGHT if st.get_option("theme.base") == "light" else DARK
PLAIN = {"displayModeBar": False}  # configuration of all charts
GUESS = {"color": GRAY, "width": 1.5, "dash": "dot"}  # line of chance
ABOVE = {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"}  # a legend above the chart, in any width
SHARE = {"range": [-0.04, 1.04], "tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]}  # axis of a share


def laid_out(figure: go.Figure, x: str, y: str, height: int) -> go.Figure:
    """Set the axis titles, which are escaped, the height and the common layout of the charts."""
    figure.update_layout(
        height=height,
        margin={"l": 0, "r": 12, "t": 12, "b": 0},
        showlegend=False,
        xaxis={"title": chart_text(x), "fixedrange": True, "zeroline": False},
        yaxis={"title": chart_text(y), "fixedrange": True, "zeroline": False},
    )
    return figure


def whiskers(
    spans: Iterable[tuple[float, float, float]], color: str = AMBER, *, thickness: float = 1.5, width: int = 4
) -> dict[str, object]:
    """Error bars from (value, low, high), with lines and ends of a size in px."""
    spans = list(spans)
    return {
        "type": "data",
        "symmetric": False,
        "array": [max(high - value, 0) for value, _, high in spans],
        "arrayminus": [max(value - low, 0) for value, low, _ in spans],
        "color": color,
        "thickness": thickness,
        "width": width,
    }


def clicked_point(key: str) -> dict[str, Any] | None:
    """The point of a chart that was clicked, as Plotly describes it; None if no point is selected."""
    points: list[dict[str, Any]] = st.session_state[key]["selection"]["points"]
    return points[0] if points else None
