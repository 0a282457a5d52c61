"""What-if as charts: every finding as it was and as it is, and one finding over the range of a change."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from xray.types import Prediction
from xray.ui.common.charts import AMBER, BLUE, FEW, GRAY, MARK
from xray.whatif.changes import CHANGES
from xray.whatif.response import Response

ORIGINAL, CHANGED, CONTROL = "As it was", "Changed", "Control"
COLORS = {ORIGINAL: GRAY, CHANGED: AMBER, CONTROL: BLUE}
SYMBOLS = {ORIGINAL: "circle-open", CHANGED: "circle", CONTROL: "diamond"}
APART = 0.24  # of a row, between the answers of one finding


def answers_chart(said: Mapping[str, Prediction]) -> go.Figure:
    """A row for every finding: its probability in each answer with the interval, and its operating point."""
    first = next(iter(said.values()))
    rows, few = range(len(first.findings)), len(first.findings) <= FEW
    figure = go.Figure()
    for place, (name, one) in enumerate(said.items()):
        shift = APART * (place - (len(said) - 1) / 2)
        low, high = one.bounds[:, 0], one.bounds[:, 1]
        figure.add_scatter(
            x=one.probabilities.tolist(),
            y=[row + shift for row in rows],
            mode="markers",
            name=name,
            marker={"color": COLORS[name], "symbol": SYMBOLS[name], "size": 10 if few else 7},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": (high - one.probabilities).tolist(),
                "arrayminus": (one.probabilities - low).tolist(),
                "thickness": 1.5,
                "width": 0,
            },
            hovertext=[in_words(name, one, finding) for finding in one.findings],
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
            "ticktext": [f"{finding}  " for finding in first.findings],
            "tickfont": {"size": 14 if few else 12},
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        },
    )
    return figure


def in_words(name: str, said: Prediction, finding: str) -> str:
    index = said.findings.index(finding)
    low, high = said.bounds[index]
    return f"{name}, {finding}: {said.probabilities[index]:.1%} ({low:.0%} to {high:.0%})"


def response_chart(told: Response, now: float, said: Prediction, finding: str) -> go.Figure:
    """A finding over the range of a change, its operating point, and where it stands now."""
    index, change = said.findings.index(finding), CHANGES[told.change]
    point, probability = float(said.thresholds[index]), float(said.probabilities[index])
    low, high = (float(bound) for bound in said.bounds[index])
    top = min(1.0, 1.15 * max(point, high, float(told.probabilities[:, index].max())))
    figure = go.Figure(
        go.Scatter(
            x=told.values.tolist(),
            y=told.probabilities[:, index].tolist(),
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
        hovertext=[in_words(CHANGED, said, finding)],
        hoverinfo="text",
    )
    figure.add_hline(
        y=point,
        line={"color": MARK, "width": 1, "dash": "dash"},
        annotation={"text": f"operating point {point:.1%}", "font": {"size": 12}},
        annotation_position="top left" if point < top / 2 else "bottom left",
    )
    figure.update_layout(
        height=280,
        margin={"l": 0, "r": 12, "t": 8, "b": 0},
        showlegend=False,
        xaxis={"title": f"{change.title}{change.unit and f' ({change.unit})'}", "fixedrange": True},
        yaxis={"range": [-0.02 * top, 1.02 * top], "tickformat": ".2~%", "fixedrange": True},
    )
    return figure
