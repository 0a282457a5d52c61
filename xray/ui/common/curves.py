"""ROC and precision-recall curves with intervals, and the confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from xray.models.figures import FindingFigures, Values
from xray.models.operating_points import OperatingPoint
from xray.ui.common.charts import AMBER, GUESS, MARK, NIGHT, SHARE, laid_out
from xray.ui.common.escaping import chart_text

SHADE = "rgba(232, 163, 61, 0.2)"
DOTS = 200  # thresholds up to which each is a dot
Point = tuple[float, float]


def roc(
    false_positive_rate: Sequence[float | None],
    sensitivity: Sequence[float | None],
    thresholds: Sequence[float],
    chosen: Point,
    model: Point | None = None,
    bounds: tuple[Values, Values] | None = None,
) -> go.Figure:
    """Draw sensitivity against false positive rate at every threshold.

    Args:
        false_positive_rate: False positive rate (T) at every threshold.
        sensitivity: Sensitivity (T) at every threshold.
        thresholds: Thresholds (T).
        chosen: False positive rate and sensitivity at the chosen point.
        model: The same at the operating point of the model; None to leave it out.
        bounds: Lower and upper bounds (T) of the sensitivity; None to leave them out.
    """
    figure = go.Figure()
    if bounds:
        _shade(figure, false_positive_rate, *bounds)
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line=GUESS, hoverinfo="skip")
    _measured(figure, thresholds, false_positive_rate, sensitivity)
    _marks(figure, model, chosen)
    return laid_out(figure, "False positive rate", "Sensitivity", 360)


def precision_recall(finding: FindingFigures, model: OperatingPoint, chosen: OperatingPoint) -> go.Figure:
    """Precision against recall at every threshold."""
    curve = finding.curve
    figure = go.Figure()
    _shade(figure, curve.sensitivity, curve.precision_low, curve.precision_high)
    share = finding.prevalence
    figure.add_scatter(x=[0, 1], y=[share, share], mode="lines", line=GUESS, hoverinfo="skip")
    _measured(figure, curve.thresholds, curve.sensitivity, curve.precision)
    _marks(
        figure, *((point.sensitivity.value, point.predictive_values(share)[0]) for point in (model, chosen))
    )
    return laid_out(figure, "Sensitivity (recall)", "Precision", 360)


def confusion_matrix(
    findings: tuple[str, ...], counts: list[list[int]], *, clickable: bool = False
) -> go.Figure:
    """Draw counts with true findings in rows and predicted ones in columns; colors: shares of the row.

    Args:
        findings: Names (K).
        counts: Numbers of films (K, K).
        clickable: Whether the cells can be clicked, as points in row-major order.
    """
    shares = [[count / max(sum(row), 1) for count in row] for row in counts]
    names = [chart_text(finding) for finding in findings]
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=names,
            y=names,
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
    for row, true in enumerate(names):
        for column, predicted in enumerate(names):
            figure.add_annotation(
                x=predicted,
                y=true,
                text=str(counts[row][column]),
                showarrow=False,
                font={"color": NIGHT if shares[row][column] > 0.7 else MARK, "size": 13},
            )
    if clickable:  # a heatmap cannot be clicked; invisible markers can
        hidden = {"marker": {"opacity": 0}}
        figure.add_scatter(
            x=names * len(names),
            y=[name for name in names for _ in names],
            mode="markers",
            marker={"symbol": "square", "size": 60, "opacity": 0},
            selected=hidden,
            unselected=hidden,
            customdata=[
                [count, share]
                for row, of_row in zip(counts, shares, strict=True)
                for count, share in zip(row, of_row, strict=True)
            ],
            hovertemplate="%{y}, predicted %{x}: %{customdata[0]} films, %{customdata[1]:.1%}<extra></extra>",
        )
    laid_out(figure, "Predicted", "True", 130 + 42 * len(findings))
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(showgrid=False, tickangle=-40 if len(findings) > 2 else 0)
    return figure


def _shade(figure: go.Figure, x: Sequence[float | None], low: Values, high: Values) -> None:
    """Shade the interval around a curve where it is defined."""
    known = [index for index, point in enumerate(zip(x, low, high, strict=True)) if None not in point]
    forth, back = [x[index] for index in known], [x[index] for index in reversed(known)]
    figure.add_scatter(
        x=forth + back,
        y=[high[index] for index in known] + [low[index] for index in reversed(known)],
        fill="toself",
        fillcolor=SHADE,
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
    )


def _measured(
    figure: go.Figure,
    thresholds: Sequence[float],
    x: Sequence[float | None],
    y: Sequence[float | None],
) -> None:
    opacity = 1 if len(thresholds) <= DOTS else 0  # invisible dots can be clicked
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines+markers",
        line={"color": AMBER, "width": 2},
        marker={"size": 4, "color": AMBER, "opacity": opacity},
        selected={"marker": {"opacity": opacity}},
        unselected={"marker": {"opacity": opacity}},
        customdata=thresholds,
        hovertemplate="threshold %{customdata:.1%}: %{y:.1%} against %{x:.1%}<extra></extra>",
    )
    figure.update_xaxes(**SHARE)
    figure.update_yaxes(**SHARE)


def _marks(figure: go.Figure, model: Point | None, chosen: Point) -> None:
    """Draw a ring at the operating point of the model and a diamond at the chosen point."""
    ring = {"symbol": "circle-open", "size": 17, "color": MARK, "line": {"width": 2}}
    diamond = {"symbol": "diamond", "size": 11, "color": MARK, "line": {"width": 1.5, "color": NIGHT}}
    for point, marker, name in (
        (model, ring, "operating point of the model"),
        (chosen, diamond, "chosen point"),
    ):
        if point:
            figure.add_scatter(
                x=[point[0]],
                y=[point[1]],
                mode="markers",
                marker=marker,
                hovertemplate=name + ": %{y:.1%} against %{x:.1%}<extra></extra>",
            )
