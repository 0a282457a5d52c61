"""Predictions as confidence bars and sentences."""

from __future__ import annotations

import plotly.graph_objects as go

from xray.models.conformal import COVERAGE
from xray.types import Prediction
from xray.types.answer import percent, percent_range
from xray.ui.common.charts import AMBER, GRAY, MARK
from xray.ui.common.escaping import chart_text

BELOW = "#5B6B80"
FEW = 6  # findings up to which rows are tall


def confidence_bars(prediction: Prediction) -> go.Figure:
    """Draw the calibrated probabilities with intervals, colored by the side of the operating point."""
    rows = list(zip(prediction.findings, prediction.probabilities, prediction.thresholds, strict=True))
    below = prediction.probabilities - prediction.bounds[:, 0]
    above = prediction.bounds[:, 1] - prediction.probabilities
    row_height = 42 if len(rows) <= FEW else 28
    figure = go.Figure(
        go.Bar(
            x=[float(probability) for _, probability, _ in rows],
            y=[chart_text(finding) for finding, _, _ in rows],
            orientation="h",
            width=0.55,
            error_x={
                "type": "data",
                "symmetric": False,
                "array": above.tolist(),
                "arrayminus": below.tolist(),
                "color": GRAY,
                "thickness": 1.5,
                "width": 4,
            },
            marker={
                "color": [
                    AMBER if prediction.at_operating_point(finding) else BELOW for finding, _, _ in rows
                ]
            },
            hovertext=[chart_text(sentence(prediction, finding)) for finding in prediction.findings],
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
            text=percent(probability),
            x=1,
            xref="paper",
            xanchor="left",
            xshift=12,
            y=row,
            showarrow=False,
            font={"size": 14 if len(rows) <= FEW else 12},
        )
    figure.update_layout(
        height=34 + row_height * len(rows),
        margin={"l": 0, "r": 64, "t": 4, "b": 0},
        showlegend=False,
        xaxis={"range": [0, 1], "tickformat": ".0%", "tickvals": [0, 0.5, 1], "fixedrange": True},
        yaxis={
            "autorange": "reversed",
            "fixedrange": True,
            "ticksuffix": "  ",
            "tickfont": {"size": 14 if len(rows) <= FEW else 12},
        },
    )
    return figure


def sentence(prediction: Prediction, finding: str) -> str:
    """Describe the prediction for a finding, with its values."""
    index = prediction.findings.index(finding)
    low, high = prediction.bounds[index]
    probability = float(prediction.probabilities[index])
    return (
        f"{finding}: {percent(probability)} ({percent_range(low, high)}), "
        f"{prediction.side(finding)} its operating point of {percent(prediction.thresholds[index])} "
        f"(logit {prediction.logits[index]:+.2f})"
    )


def answered(prediction: Prediction, finding: str) -> str:
    """Describe what the prediction set of a finding rules out."""
    answer = prediction.answer(finding)
    rest = {"present": "absent is ruled out", "absent": "present is ruled out"}
    return f"At {COVERAGE:.0%} coverage: {answer} ({rest.get(answer, 'neither answer can be ruled out')})."
