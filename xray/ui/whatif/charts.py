"""Charts of the What if page: all findings before and after the changes, and the response of one finding."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from xray.types import Prediction
from xray.types.answer import percent, percent_range
from xray.ui.common.charts import AMBER, BLUE, GRAY, MARK
from xray.ui.common.confidence import FEW
from xray.ui.common.escaping import chart_text
from xray.whatif.changes import CHANGES
from xray.whatif.response import Response

ORIGINAL, CHANGED, CONTROL = "Original", "Changed", "Control"
INSERTED, REMOVED = "With lesion", "Inpainted"
COLORS = {ORIGINAL: GRAY, CHANGED: AMBER, CONTROL: BLUE, INSERTED: AMBER, REMOVED: BLUE}
SYMBOLS = dict(zip(COLORS, ("circle-open", "circle", "diamond", "circle", "diamond"), strict=True))
OFFSET = 0.24  # share of a row between the markers of one finding


def predictions_chart(predictions: Mapping[str, Prediction]) -> go.Figure:
    """One row per finding: its probability in each prediction with the interval, and its operating point."""
    first = next(iter(predictions.values()))
    rows, few = range(len(first.findings)), len(first.findings) <= FEW
    figure = go.Figure()
    for index, (name, prediction) in enumerate(predictions.items()):
        shift = OFFSET * (index - (len(predictions) - 1) / 2)
        low, high = prediction.bounds[:, 0], prediction.bounds[:, 1]
        figure.add_scatter(
            x=prediction.probabilities.tolist(),
            y=[row + shift for row in rows],
            mode="markers",
            name=name,
            marker={"color": COLORS[name], "symbol": SYMBOLS[name], "size": 10 if few else 7},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": (high - prediction.probabilities).tolist(),
                "arrayminus": (prediction.probabilities - low).tolist(),
                "thickness": 1.5,
                "width": 0,
            },
            hovertext=[chart_text(hover_text(name, prediction, finding)) for finding in prediction.findings],
            hoverinfo="text",
        )
    for row, point in zip(rows, first.thresholds.tolist(), strict=True):
        figure.add_shape(
            type="line", x0=point, x1=point, y0=row - 0.42, y1=row + 0.42, line={"color": MARK, "width": 2}
        )
    figure.update_layout(
        height=70 + (84 if few else 40) * len(rows),
        margin={"l": 0, "r": 12, "t": 0, "b": 0},
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "itemclick": False},
        xaxis={"range": [-0.01, 1.01], "tickformat": ".0%", "tickvals": [0, 0.5, 1], "fixedrange": True},
        yaxis={
            "range": [len(rows) - 0.5, -0.5],
            "tickvals": list(rows),
            "ticktext": [f"{chart_text(finding)}  " for finding in first.findings],
            "tickfont": {"size": 14 if few else 12},
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        },
    )
    return figure


def value(prediction: Prediction, finding: str) -> str:
    """Format a probability with its interval."""
    index = prediction.findings.index(finding)
    low, high = prediction.bounds[index]
    return f"{percent(prediction.probabilities[index])} ({percent_range(low, high)})"


def hover_text(name: str, prediction: Prediction, finding: str) -> str:
    """Describe a marker: prediction, finding, probability and interval."""
    return f"{name}, {finding}: {value(prediction, finding)}"


def _free_corner(curve: NDArray[np.floating], point: float, top: float) -> str:
    """Return the corner at a line for its label, at the end and on the side where the curve is not."""
    first, last = float(curve[0]), float(curve[-1])
    side, end = ("left", first) if abs(first - point) >= abs(last - point) else ("right", last)
    below = (end > point and point > top / 8) or point > top * 7 / 8
    return f"{'bottom' if below else 'top'} {side}"


def response_chart(response: Response, now: float, prediction: Prediction, finding: str) -> go.Figure:
    """Plot the probability of a finding over the range of a change, its operating point and current value."""
    index, change = prediction.findings.index(finding), CHANGES[response.change]
    point, probability = float(prediction.thresholds[index]), float(prediction.probabilities[index])
    low, high = (float(bound) for bound in prediction.bounds[index])
    top = min(1.0, 1.15 * max(point, high, float(response.probabilities[:, index].max())))
    figure = go.Figure(
        go.Scatter(
            x=response.values.tolist(),
            y=response.probabilities[:, index].tolist(),
            mode="lines",
            line={"color": GRAY, "width": 2},
            hovertemplate=f"%{{x:g}}{change.unit}: %{{y:.1%}}<extra></extra>",
        )
    )
    figure.add_scatter(
        x=[now],
        y=[probability],
        mode="markers",
        marker={"color": COLORS[CHANGED], "size": 11},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [high - probability],
            "arrayminus": [probability - low],
            "thickness": 1.5,
            "width": 0,
        },
        hovertext=[chart_text(hover_text(CHANGED, prediction, finding))],
        hoverinfo="text",
    )
    figure.add_hline(
        y=point,
        line={"color": MARK, "width": 1, "dash": "dash"},
        annotation={"text": f"operating point {percent(point)}", "font": {"size": 12}},
        annotation_position=_free_corner(response.probabilities[:, index], point, top),
    )
    figure.update_layout(
        height=280,
        margin={"l": 0, "r": 12, "t": 8, "b": 0},
        showlegend=False,
        xaxis={"title": f"{change.title}{change.unit and f' ({change.unit})'}", "fixedrange": True},
        yaxis={"range": [-0.02 * top, 1.02 * top], "tickformat": ".2~%", "fixedrange": True},
    )
    return figure
