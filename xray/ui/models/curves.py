"""ROC and precision-recall curves with intervals, and the confusion matrix."""

from __future__ import annotations

import plotly.graph_objects as go

from xray.models.figures import FindingFigures, OperatingPoint, Values
from xray.ui.common.charts import AMBER, GRAY, MARK, NIGHT

SHADE = "rgba(232, 163, 61, 0.2)"
GUESS = {"color": GRAY, "width": 1.5, "dash": "dot"}
SHARE = {"range": [-0.04, 1.04], "tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]}


def roc(finding: FindingFigures, chosen: OperatingPoint) -> go.Figure:
    """Sensitivity against false positive rate at every threshold."""
    curve = finding.curve
    false_alarms = [None if value is None else 1 - value for value in curve.specificity]
    figure = go.Figure()
    shade(figure, false_alarms, curve.sensitivity_low, curve.sensitivity_high)
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line=GUESS, hoverinfo="skip")
    _measured(figure, finding, false_alarms, curve.sensitivity)
    metrics = finding.metrics
    _marks(
        figure,
        (1 - metrics["specificity"].value, metrics["sensitivity"].value),
        (1 - chosen.specificity.value, chosen.sensitivity.value),
    )
    return laid_out(figure, "False positive rate", "Sensitivity", 360)


def precision_recall(finding: FindingFigures, model: OperatingPoint, chosen: OperatingPoint) -> go.Figure:
    """Precision against recall at every threshold."""
    curve = finding.curve
    figure = go.Figure()
    shade(figure, curve.sensitivity, curve.precision_low, curve.precision_high)
    share = finding.prevalence
    figure.add_scatter(x=[0, 1], y=[share, share], mode="lines", line=GUESS, hoverinfo="skip")
    _measured(figure, finding, curve.sensitivity, curve.precision)
    _marks(
        figure, *((point.sensitivity.value, point.predictive_values(share)[0]) for point in (model, chosen))
    )
    return laid_out(figure, "Sensitivity (recall)", "Precision", 360)


def confusion_matrix(findings: tuple[str, ...], counts: list[list[int]]) -> go.Figure:
    """Counts (K, K) with true findings in rows and predicted ones in columns; colors: shares of the row."""
    shares = [[count / max(sum(row), 1) for count in row] for row in counts]
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=list(findings),
            y=list(findings),
            zmin=0,
            zmax=1,
            colorscale=[[0, NIGHT], [1, AMBER]],
            xgap=2,
            ygap=2,
            showscale=False,
            customdata=counts,
            hovertemplate="%{y}, predicted %{x}: %{customdata} films, %{z:.1%}<extra></extra>",
        )
    )
    for row, true in enumerate(findings):
        for column, predicted in enumerate(findings):
            figure.add_annotation(
                x=predicted,
                y=true,
                text=str(counts[row][column]),
                showarrow=False,
                font={"color": NIGHT if shares[row][column] > 0.7 else MARK, "size": 13},
            )
    laid_out(figure, "Predicted", "True", 130 + 42 * len(findings))
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(showgrid=False, tickangle=-40 if len(findings) > 2 else 0)
    return figure


def shade(figure: go.Figure, x: Values, low: Values, high: Values) -> None:
    """Shade the interval around a curve where it is defined."""
    known = [index for index, point in enumerate(zip(x, low, high, strict=True)) if None not in point]
    there, back = [x[index] for index in known], [x[index] for index in reversed(known)]
    figure.add_scatter(
        x=there + back,
        y=[high[index] for index in known] + [low[index] for index in reversed(known)],
        fill="toself",
        fillcolor=SHADE,
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
    )


def laid_out(figure: go.Figure, x: str, y: str, height: int) -> go.Figure:
    """Set the axis titles, the height and the common layout of the charts."""
    figure.update_layout(
        height=height,
        margin={"l": 0, "r": 12, "t": 12, "b": 0},
        showlegend=False,
        xaxis={"title": x, "fixedrange": True, "zeroline": False},
        yaxis={"title": y, "fixedrange": True, "zeroline": False},
    )
    return figure


def _measured(figure: go.Figure, finding: FindingFigures, x: Values, y: Values) -> None:
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines+markers",
        line={"color": AMBER, "width": 2},
        marker={"size": 4, "color": AMBER},
        customdata=finding.curve.thresholds,
        hovertemplate="threshold %{customdata:.2%}: %{y:.1%} against %{x:.1%}<extra></extra>",
    )
    figure.update_xaxes(**SHARE)
    figure.update_yaxes(**SHARE)


def _marks(figure: go.Figure, model: tuple[float, float], chosen: tuple[float, float]) -> None:
    """Draw a ring at the operating point of the model and a diamond at the chosen point."""
    ring = {"symbol": "circle-open", "size": 17, "color": MARK, "line": {"width": 2}}
    diamond = {"symbol": "diamond", "size": 11, "color": MARK, "line": {"width": 1.5, "color": NIGHT}}
    for (x, y), marker, name in (
        (model, ring, "operating point of the model"),
        (chosen, diamond, "chosen point"),
    ):
        figure.add_scatter(
            x=[x],
            y=[y],
            mode="markers",
            marker=marker,
            hovertemplate=name + ": %{y:.1%} against %{x:.1%}<extra></extra>",
        )
