"""Confidence bars: one per finding, its operating point marked, colored by the side it falls on."""

from __future__ import annotations

import plotly.graph_objects as go

from xray.types import Prediction

AT_OR_ABOVE, BELOW, MARK = "#E8A33D", "#5B6B80", "#F4F6F8"


def confidence_bars(prediction: Prediction) -> go.Figure:
    """Horizontal bars of the calibrated probabilities, in the model's order from the top."""
    rows = list(zip(prediction.findings, prediction.probabilities, prediction.thresholds, strict=True))
    figure = go.Figure(
        go.Bar(
            x=[float(probability) for _, probability, _ in rows],
            y=[finding for finding, _, _ in rows],
            orientation="h",
            width=0.55,
            marker={
                "color": [
                    AT_OR_ABOVE if prediction.at_operating_point(finding) else BELOW for finding, _, _ in rows
                ]
            },
            hovertext=[sentence(prediction, finding) for finding in prediction.findings],
            hoverinfo="text",
        )
    )
    for row, (_, probability, threshold) in enumerate(rows):
        figure.add_shape(
            type="line",
            x0=threshold,
            x1=threshold,
            y0=row - 0.4,
            y1=row + 0.4,
            line={"color": MARK, "width": 2},
        )
        figure.add_annotation(
            text=f"{probability:.1%}",
            x=1,
            xref="paper",
            xanchor="left",
            xshift=12,
            y=row,
            showarrow=False,
            font={"size": 14},
        )
    figure.update_layout(
        height=34 + 42 * len(rows),
        margin={"l": 0, "r": 64, "t": 4, "b": 0},
        showlegend=False,
        xaxis={"range": [0, 1], "tickformat": ".0%", "tickvals": [0, 0.5, 1], "fixedrange": True},
        yaxis={"autorange": "reversed", "fixedrange": True, "ticksuffix": "  ", "tickfont": {"size": 14}},
    )
    return figure


def sentence(prediction: Prediction, finding: str) -> str:
    """One finding in words, with its exact values."""
    index = prediction.findings.index(finding)
    return (
        f"{finding}: {prediction.probabilities[index]:.2%}, "
        f"{prediction.side(finding)} its operating point of {prediction.thresholds[index]:.2%} "
        f"(logit {prediction.logits[index]:+.2f})"
    )
