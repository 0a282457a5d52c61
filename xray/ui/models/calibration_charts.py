"""Charts of calibration: reliability diagram, coverage of prediction sets, risk by coverage."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from xray.models.figures import Bin, Conformal, RiskCoverage
from xray.ui.common.charts import AMBER, BLUE, GRAY, GUESS, MARK, SHARE, laid_out, whiskers
from xray.ui.common.escaping import chart_text


def reliability_diagram(bins: list[Bin]) -> go.Figure:
    """Observed share against predicted probability, with the number of films per bin below."""
    figure = make_subplots(rows=2, shared_xaxes=True, row_heights=[0.76, 0.24], vertical_spacing=0.05)
    predicted = [group.stated for group in bins]
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line=GUESS, hoverinfo="skip")
    figure.add_scatter(
        x=predicted,
        y=[group.observed for group in bins],
        error_y=whiskers(
            [
                (
                    group.observed,
                    group.low if group.low is not None else group.observed,
                    group.high or group.observed,
                )
                for group in bins
            ]
        ),
        mode="markers",
        marker={"size": 9, "color": AMBER},
        customdata=[group.n for group in bins],
        hovertemplate="predicted %{x:.1%}, observed %{y:.1%}, %{customdata} films<extra></extra>",
    )
    figure.add_bar(
        x=predicted,
        y=[group.n for group in bins],
        width=0.06,
        marker={"color": GRAY},
        text=[group.n for group in bins],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y} films<extra></extra>",
        row=2,
        col=1,
    )
    laid_out(figure, "", "Observed", 420)
    figure.update_xaxes(**SHARE)
    figure.update_xaxes(title="Predicted probability", fixedrange=True, zeroline=False, row=2, col=1)
    figure.update_yaxes(**SHARE, row=1, col=1)
    most = max((group.n for group in bins), default=1)
    figure.update_yaxes(title="Films", range=[0, 1.5 * most], nticks=3, fixedrange=True, row=2, col=1)
    return figure


def conformal_coverage(conformal: Conformal) -> go.Figure:
    """Coverage per class with its interval, and the target; present and absent share a row."""
    figure = go.Figure()
    names = list(dict.fromkeys(_finding(name) for name in conformal.coverage))
    for ending, color, symbol in ((": present", AMBER, "circle"), (": absent", BLUE, "diamond")):
        shown = {
            name: estimate
            for name, estimate in conformal.coverage.items()
            if name.endswith(": absent") == (ending == ": absent")
        }
        figure.add_scatter(
            x=[estimate.value for estimate in shown.values()],
            y=[_finding(name) for name in shown],
            error_x=whiskers([(value.value, value.low, value.high) for value in shown.values()], color),
            orientation="h",
            mode="markers",
            marker={"size": 9, "color": color, "symbol": symbol},
            name=ending.removeprefix(": "),
            text=[chart_text(f"{name}: {estimate}") for name, estimate in shown.items()],
            hovertemplate="%{text}<extra></extra>",
        )
    figure.add_vline(x=conformal.target, line={"color": MARK, "width": 1.5, "dash": "dash"})
    laid_out(figure, "Coverage", "", 90 + 30 * len(names))
    if len(names) < len(conformal.coverage):
        figure.update_layout(scattermode="group", scattergap=0.5)
    lowest = min((estimate.low for estimate in conformal.coverage.values()), default=0.0)
    figure.update_xaxes(range=[min(lowest, 0.8) - 0.03, 1.02], tickformat=".0%", nticks=6)
    figure.update_yaxes(categoryorder="array", categoryarray=names[::-1], ticksuffix="  ")
    return figure


def _finding(name: str) -> str:
    return chart_text(name.removesuffix(": present").removesuffix(": absent"))


def risk_coverage(figures: RiskCoverage) -> go.Figure:
    """Error rate among the most certain predictions, by the share that is kept."""
    figure = go.Figure(
        go.Scatter(
            x=figures.coverage,
            y=figures.risk,
            mode="lines+markers",
            line={"color": AMBER, "width": 2},
            marker={"size": 5},
            hovertemplate="the most certain %{x:.0%}: %{y:.1%} errors<extra></extra>",
        )
    )
    laid_out(figure, "Coverage: most certain predictions kept", "Error rate", 320)
    most = max((risk for risk in figures.risk if risk is not None), default=0.0)
    figure.update_xaxes(**SHARE)
    figure.update_yaxes(range=[0, 1.15 * most or 1], tickformat=".1%" if most < 0.1 else ".0%", nticks=6)
    return figure
