"""Charts of calibration: reliability diagram, coverage of prediction sets, error by certainty."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from xray.models.figures import Bin, Conformal, RiskCoverage
from xray.ui.common.charts import AMBER, BLUE, GRAY, MARK
from xray.ui.models.curves import GUESS, SHARE, laid_out


def reliability_diagram(bins: list[Bin]) -> go.Figure:
    """Share observed against probability stated, the number of films of each bin below."""
    figure = make_subplots(rows=2, shared_xaxes=True, row_heights=[0.76, 0.24], vertical_spacing=0.05)
    stated = [one.stated for one in bins]
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line=GUESS, hoverinfo="skip")
    figure.add_scatter(
        x=stated,
        y=[one.observed for one in bins],
        error_y=whiskers(
            [
                (one.observed, one.low if one.low is not None else one.observed, one.high or one.observed)
                for one in bins
            ]
        ),
        mode="markers",
        marker={"size": 9, "color": AMBER},
        customdata=[one.n for one in bins],
        hovertemplate="stated %{x:.1%}, observed %{y:.1%}, %{customdata} films<extra></extra>",
    )
    figure.add_bar(
        x=stated,
        y=[one.n for one in bins],
        width=0.06,
        marker={"color": GRAY},
        text=[one.n for one in bins],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y} films<extra></extra>",
        row=2,
        col=1,
    )
    laid_out(figure, "", "Observed", 420)
    figure.update_xaxes(**SHARE)
    figure.update_xaxes(title="Stated probability", fixedrange=True, zeroline=False, row=2, col=1)
    figure.update_yaxes(**SHARE, row=1, col=1)
    most = max((one.n for one in bins), default=1)
    figure.update_yaxes(title="Films", range=[0, 1.5 * most], nticks=3, fixedrange=True, row=2, col=1)
    return figure


def whiskers(spans: list[tuple[float, float, float]], color: str = AMBER) -> dict[str, object]:
    """Error bars from (value, low, high)."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [max(high - value, 0) for value, _, high in spans],
        "arrayminus": [max(value - low, 0) for value, low, _ in spans],
        "color": color,
        "thickness": 1.5,
        "width": 4,
    }


def conformal_coverage(conformal: Conformal) -> go.Figure:
    """Coverage of each class with its interval, against the target; presence and absence in one row."""
    figure = go.Figure()
    names = list(dict.fromkeys(_finding(name) for name in conformal.coverage))
    for ending, color, symbol in ((": present", AMBER, "circle"), (": absent", BLUE, "diamond")):
        shown = {
            name: one
            for name, one in conformal.coverage.items()
            if name.endswith(": absent") == (ending == ": absent")
        }
        figure.add_scatter(
            x=[one.value for one in shown.values()],
            y=[_finding(name) for name in shown],
            error_x=whiskers([(one.value, one.low, one.high) for one in shown.values()], color),
            orientation="h",
            mode="markers",
            marker={"size": 9, "color": color, "symbol": symbol},
            name=ending.removeprefix(": "),
            text=[f"{name}: {one}" for name, one in shown.items()],
            hovertemplate="%{text}<extra></extra>",
        )
    figure.add_vline(x=conformal.target, line={"color": MARK, "width": 1.5, "dash": "dash"})
    laid_out(figure, "Sets that hold the truth", "", 90 + 30 * len(names))
    if len(names) < len(conformal.coverage):
        figure.update_layout(scattermode="group", scattergap=0.5)
    lowest = min((one.low for one in conformal.coverage.values()), default=0.0)
    figure.update_xaxes(range=[min(lowest, 0.8) - 0.03, 1.02], tickformat=".0%", nticks=6)
    figure.update_yaxes(categoryorder="array", categoryarray=names[::-1], ticksuffix="  ")
    return figure


def _finding(name: str) -> str:
    return name.removesuffix(": present").removesuffix(": absent")


def risk_coverage(told: RiskCoverage) -> go.Figure:
    figure = go.Figure(
        go.Scatter(
            x=told.coverage,
            y=told.risk,
            mode="lines+markers",
            line={"color": AMBER, "width": 2},
            marker={"size": 5},
            hovertemplate="the most certain %{x:.0%}: %{y:.1%} wrong<extra></extra>",
        )
    )
    laid_out(figure, "Most certain answers kept", "Wrong among them", 320)
    most = max((one for one in told.risk if one is not None), default=0.0)
    figure.update_xaxes(**SHARE)
    figure.update_yaxes(range=[0, 1.15 * most or 1], tickformat=".1%" if most < 0.1 else ".0%", nticks=6)
    return figure
