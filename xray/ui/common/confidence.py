"""Predictions as confidence bars and sentences."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from xray.models.conformal import COVERAGE
from xray.types import Prediction
from xray.types.answer import percent, percent_range
from xray.ui.common.charts import AMBER, GRAY, MARK
from xray.ui.common.escaping import chart_text

BELOW = "#5B6B80"
FEW = 6  # findings up to which rows are tall and probabilities are drawn on one scale
POINT = 0.5  # where the operating point of every finding is drawn if there are more


def confidence_bars(prediction: Prediction, chosen: str = "") -> go.Figure:
    """Draw the calibrated probabilities with intervals, called findings first.

    The bars of more than FEW findings are scaled so that all operating points are at the same place.

    Args:
        prediction: The prediction.
        chosen: Finding whose name is bold.
    """
    names, few = bar_order(prediction), len(prediction.findings) <= FEW
    indices = [prediction.findings.index(name) for name in names]
    thresholds = prediction.thresholds[indices].astype(float)

    def place(values: NDArray[np.float32]) -> NDArray[np.float64]:
        return values[indices].astype(float) if few else at_one_point(values[indices], thresholds)

    middle, low, high = map(place, (prediction.probabilities, *prediction.bounds.T))
    figure = go.Figure(
        go.Bar(
            x=middle.tolist(),
            y=[bold(name) if name == chosen and len(names) > 1 else chart_text(name) for name in names],
            orientation="h",
            width=0.55,
            error_x={
                "type": "data",
                "symmetric": False,
                "array": (high - middle).tolist(),
                "arrayminus": (middle - low).tolist(),
                "color": GRAY,
                "thickness": 1.5,
                "width": 4,
            },
            marker={"color": [AMBER if prediction.at_operating_point(name) else BELOW for name in names]},
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
            hovertext=[wrapped(sentence(prediction, name)) for name in names],
            hoverinfo="text",
        )
    )
    for row, point in enumerate(thresholds if few else np.full(len(names), POINT)):
        figure.add_shape(
            type="line",
            x0=point,
            x1=point,
            y0=row - 0.4,
            y1=row + 0.4,
            line={"color": MARK, "width": 2},
        )
        figure.add_annotation(
            text=percent(prediction.probabilities[indices[row]]),
            x=1,
            xref="paper",
            xanchor="left",
            xshift=12,
            y=row,
            showarrow=False,
            font={"size": 14 if few else 12},
        )
    ticks = ["0%", "50%", "100%"] if few else ["0%", "operating point", "100%"]
    figure.update_layout(
        height=34 + (42 if few else 28) * len(names),
        margin={"l": 0, "r": 64, "t": 4, "b": 0},
        showlegend=False,
        xaxis={"range": [0, 1], "tickvals": [0, POINT, 1], "ticktext": ticks, "fixedrange": True},
        yaxis={
            "autorange": "reversed",
            "fixedrange": True,
            "ticksuffix": "  ",
            "tickfont": {"size": 14 if few else 12},
        },
        hoverlabel={"align": "left", "namelength": -1},
    )
    return figure


def bar_order(prediction: Prediction) -> list[str]:
    """The findings in the order of the bars: called ones first, then by nearness to the operating point."""
    places = at_one_point(prediction.probabilities, prediction.thresholds.astype(float))
    order = sorted(
        range(len(places)),
        key=lambda index: (
            not prediction.at_operating_point(prediction.findings[index]),
            -places[index],
        ),
    )
    return [prediction.findings[index] for index in order]


def at_one_point(values: NDArray[np.float32], thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale probabilities (K) linearly on either side of their operating points (K), which come to POINT."""
    tiny = np.finfo(float).tiny
    below = POINT * values / np.maximum(thresholds, tiny)
    above = POINT + (1 - POINT) * (values - thresholds) / np.maximum(1 - thresholds, tiny)
    scaled: NDArray[np.float64] = np.where(values < thresholds, below, above)
    return scaled


def bold(text: str) -> str:
    """Text of a chart in bold."""
    return f"<b>{chart_text(text)}</b>"


def wrapped(text: str) -> str:
    """Text of a tooltip in short lines, which narrow charts do not clip."""
    return "<br>".join(chart_text(part) for part in text.replace(" (logit", ", (logit").split(", "))


def sentence(prediction: Prediction, finding: str) -> str:
    """Describe the prediction for a finding, with its values."""
    index = prediction.findings.index(finding)
    low, high = prediction.bounds[index]
    probability = float(prediction.probabilities[index])
    return (
        f"{finding}: {percent(probability)} ({percent_range(low, high)}), "
        f"{prediction.side(finding)} its operating point of {percent(prediction.thresholds[index])} "
        f"(logit {prediction.logits[index]:+.2f}, not calibrated)"
    )


def answered(prediction: Prediction, finding: str) -> str:
    """Describe what the prediction set of a finding rules out."""
    answer = prediction.answer(finding)
    rest = {"present": "absent is ruled out", "absent": "present is ruled out"}
    return f"At {COVERAGE:.0%} coverage: {answer} ({rest.get(answer, 'neither answer can be ruled out')})."
