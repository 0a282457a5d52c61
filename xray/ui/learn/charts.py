"""Charts of a reader: calibration of the confidence, and free-response curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple

import plotly.graph_objects as go

from xray.learn.statistics import Bin, Froc
from xray.ui.common.charts import AMBER, BLUE, GUESS, SHARE, laid_out, whiskers

HEIGHT = 320


def calibration_chart(bins: Sequence[Bin]) -> go.Figure:
    """Draw the share of right answers with intervals against the stated confidence; dotted: perfect."""
    figure = go.Figure()
    figure.add_scatter(x=[0.5, 1], y=[0.5, 1], mode="lines", line=GUESS, hoverinfo="skip")
    figure.add_scatter(
        x=[one.confidence for one in bins],
        y=[one.right.value for one in bins],
        error_y=whiskers((astuple(one.right) for one in bins), thickness=1.2),
        mode="markers",
        marker={"size": 9, "color": AMBER},
        customdata=[[one.n, one.right.low, one.right.high] for one in bins],
        hovertemplate="%{x:.0%} sure: %{y:.0%} of %{customdata[0]} right (%{customdata[1]:.0%} to "
        "%{customdata[2]:.0%})<extra></extra>",
    )
    laid_out(figure, "Stated confidence", "Right answers", HEIGHT)
    figure.update_xaxes(range=[0.48, 1.02], tickformat=".0%", tickvals=[0.5, 0.6, 0.7, 0.8, 0.9, 1])
    figure.update_yaxes(**SHARE)
    return figure


def froc_chart(curves: Mapping[str, Froc]) -> go.Figure:
    """Draw the free-response curve of each reader, in the order of the colors: amber, then blue."""
    figure = go.Figure()
    for (who, curve), color, dash in zip(curves.items(), (AMBER, BLUE), ("solid", "dash"), strict=False):
        figure.add_scatter(
            x=curve.false_marks,
            y=curve.sensitivity,
            name=who,
            mode="lines+markers",
            line={"color": color, "width": 2, "dash": dash},
            marker={"size": 6},
            hovertemplate=f"{who}: %{{y:.0%}} of the lesions, %{{x:.2f}} false marks per film<extra></extra>",
        )
    laid_out(figure, "False marks per film", "Lesions found", HEIGHT)
    figure.update_yaxes(**SHARE)
    figure.update_xaxes(rangemode="tozero")
    figure.update_layout(showlegend=True, legend={"orientation": "h", "y": 1.12, "x": 0})
    return figure
