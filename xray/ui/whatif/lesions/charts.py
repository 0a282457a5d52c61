"""Charts of the lesion lab: the response over size and contrast, and where the maps lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple

import plotly.graph_objects as go

from xray.learn.intervals import mean
from xray.train.bootstrap import Estimate
from xray.train.metrics import share
from xray.types import Prediction
from xray.types.answer import percent
from xray.ui.common.charts import AMBER, BLUE, GRAY, MARK, NIGHT, laid_out, whiskers
from xray.whatif.lesion_lab import Insertion, Surface
from xray.whatif.lesion_place import MapPlace

HEIGHT = 330
INSIDE, HIT = "Evidence inside", "Maximum inside"
SCALE = ((0.0, NIGHT), (0.5, BLUE), (1.0, AMBER))


def surface_chart(found: Surface, insertion: Insertion, prediction: Prediction, finding: str) -> go.Figure:
    """Draw the probability over contrast and size; line: operating point, cross: the lesion on the film."""
    index = prediction.findings.index(finding)
    point, values = float(prediction.thresholds[index]), found.probabilities[..., index]
    contrasts, sizes = found.contrasts.tolist(), (100 * found.sizes).tolist()
    figure = go.Figure(
        go.Heatmap(
            x=contrasts,
            y=sizes,
            z=values.tolist(),
            zmin=0,
            zmax=max(float(values.max()), point),
            colorscale=SCALE,
            colorbar={"tickformat": ".3~%", "thickness": 12, "outlinewidth": 0},
            hovertemplate="optical density %{x:.2f}, radius %{y:.1f}%: %{z:.1%}<extra></extra>",
        )
    )
    figure.add_contour(
        x=contrasts,
        y=sizes,
        z=values.tolist(),
        contours={"start": point, "end": point, "size": 1, "coloring": "none"},
        line={"color": MARK, "width": 2, "smoothing": 0},
        showscale=False,
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=[insertion.contrast],
        y=[100 * insertion.size],
        mode="markers",
        marker={"symbol": "x-thin", "size": 14, "line": {"color": MARK, "width": 3}},
        hovertemplate="the lesion on the film<extra></extra>",
    )
    laid_out(figure, "Contrast (optical density)", "Radius (% of the width)", HEIGHT)
    figure.update_xaxes(type="log", tickvals=[0.05, 0.1, 0.2, 0.4, 0.8, 1.6], showgrid=False)
    figure.update_yaxes(type="log", tickvals=[2, 3, 5, 8, 12, 20], showgrid=False)
    return figure


def place_figures(places: Sequence[MapPlace]) -> dict[str, Estimate | None]:
    """Mean share of the evidence inside (Student's interval) and hit rate (Wilson's)."""
    return {
        INSIDE: mean([place.inside for place in places]),
        HIT: share(sum(place.hit for place in places), len(places)),
    }


def expected(places: Sequence[MapPlace]) -> float:
    """Both figures of a map that knows nothing: the mean share of the film that the lesion covers."""
    return sum(place.area for place in places) / len(places)


def place_chart(places: Sequence[MapPlace], here: MapPlace) -> go.Figure:
    """Compare both figures, with intervals, with what the area of the lesion makes one expect."""
    found = {name: value for name, value in place_figures(places).items() if value is not None}
    figure = go.Figure()
    figure.add_bar(
        y=list(found),
        x=[expected(places)] * len(found),
        name="expected by area",
        orientation="h",
        marker={"color": GRAY},
        hovertemplate="expected by area: %{x:.1%}<extra></extra>",
    )
    figure.add_bar(
        y=list(found),
        x=[value.value for value in found.values()],
        name=f"{len(places)} places",
        orientation="h",
        marker={"color": AMBER},
        error_x=whiskers((astuple(value) for value in found.values()), MARK),
        hovertemplate=f"{len(places)} places: %{{x:.1%}}<extra></extra>",
    )
    figure.add_scatter(
        y=[INSIDE, HIT],
        x=[here.inside, float(here.hit)],
        name="lesion on the film",
        mode="markers",
        marker={"color": BLUE, "size": 12, "symbol": "diamond"},
        hovertemplate="lesion on the film: %{x:.1%}<extra></extra>",
    )
    laid_out(figure, "Share", "", HEIGHT)
    figure.update_xaxes(range=[-0.02, 1.04], tickformat=".0%")
    figure.update_layout(
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "itemclick": False},
        bargap=0.35,
    )
    return figure


def place_sentence(places: Sequence[MapPlace], here: MapPlace) -> str:
    """State both figures with intervals, and what the area makes one expect."""
    figures = place_figures(places)
    inside, hit = (figures[name] for name in (INSIDE, HIT))
    if inside is None or hit is None:
        return ""
    return (
        f"At {len(places)} places, the lesion holds {percent(inside.value)} ({percent(inside.low)} to "
        f"{percent(inside.high)}) of the map's evidence and the maximum lies inside in {percent(hit.value)} "
        f"({percent(hit.low)} to {percent(hit.high)}); by its area, {percent(expected(places))} is expected "
        f"of both. On this film: {percent(here.inside)}, maximum {'inside' if here.hit else 'outside'}."
    )
