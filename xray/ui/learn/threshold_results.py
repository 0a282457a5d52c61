"""Both psychometric curves in one chart, and their figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from xray.learn.psychometric import Fit, counted
from xray.learn.threshold import Answered, answers_of
from xray.train.bootstrap import Estimate
from xray.train.metrics import share
from xray.ui.common.charts import AMBER, BLUE, SHARE, laid_out, whiskers
from xray.whatif.lesion_lab import CONTRAST
from xray.whatif.lesion_place import MapPlace

COLORS = {"You": AMBER, "Model": BLUE}
DASHES = {"You": "solid", "Model": "dash"}
CATCH = {"You": CONTRAST[0] / 1.9, "Model": CONTRAST[0] / 1.6}  # where films without a lesion are drawn
HEIGHT = 420
TOO_MANY = 1 / 3  # share of false alarms
TICKS = (0.0125, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)


def psychometric_chart(fits: Mapping[str, Fit], observers: Mapping[str, Sequence[Answered]]) -> go.Figure:
    """Draw curve, answers, false alarms and threshold of each observer over the contrast."""
    figure = go.Figure()
    contrasts = np.geomspace(*CONTRAST, 200)
    for who, found in fits.items():
        answers = answers_of(observers[who])
        levels, trials, hits = counted(answers)
        curve, color = found.curve, COLORS[who]
        figure.add_scatter(
            x=contrasts.tolist(),
            y=curve.probability(contrasts).tolist(),
            name=who,
            mode="lines",
            line={"color": color, "width": 2, "dash": DASHES[who]},
            hovertemplate=f"{who}: %{{y:.0%}} at %{{x:.3f}}<extra></extra>",
        )
        alarms = len(answers.false_alarms)
        figure.add_scatter(
            x=[*(2**levels).tolist(), CATCH[who]],
            y=[*(hits / trials).tolist(), sum(answers.false_alarms) / alarms if alarms else None],
            mode="markers",
            showlegend=False,
            marker={
                "color": color,
                "opacity": 0.55,
                "size": [*(5 + 3 * np.sqrt(trials)).tolist(), 5 + 3 * alarms**0.5],
            },
            customdata=[*trials.tolist(), alarms],
            hovertemplate=f"{who}: %{{y:.0%}} of %{{customdata:.0f}} films<extra></extra>",
        )
        if found.is_reached:
            span = found.threshold
            figure.add_scatter(
                x=[span.value],
                y=[curve.guess + (1 - curve.guess - curve.lapse) / 2],
                mode="markers",
                showlegend=False,
                marker={"symbol": "diamond", "size": 12, "color": color},
                error_x=whiskers([(span.value, span.low, span.high)], color, thickness=2, width=6),
                hovertemplate=f"{who}: threshold {span}<extra></extra>",
            )
    laid_out(figure, "Contrast (optical density)", "Answers “lesion”", HEIGHT)
    edges = np.log10([CATCH["You"] / 1.2, CONTRAST[1] * 1.1]).tolist()
    labels = ["none", *(f"{tick:g}" for tick in TICKS)]
    ticks = [float(np.mean(list(CATCH.values()))), *TICKS]
    figure.update_xaxes(type="log", range=edges, tickvals=ticks, ticktext=labels)
    figure.update_yaxes(**SHARE)
    figure.update_layout(showlegend=True, legend={"orientation": "h", "y": 1.08, "x": 0})
    return figure


def threshold_text(found: Fit) -> str:
    """The threshold with its interval, or that it was not reached."""
    low, high = CONTRAST
    if not found.is_reached:
        return f"above {high:g}" if found.threshold.value > high else f"below {low:g}"
    ends = (
        f"{found.threshold.low:.3f}" if found.threshold.low >= low else f"below {low:g}",
        f"{found.threshold.high:.3f}" if found.threshold.high <= high else f"above {high:g}",
    )
    return f"{found.threshold.value:.3f} ({ends[0]} to {ends[1]})"


def summary(fits: Mapping[str, Fit], kind: str) -> str:
    """State both thresholds in a sentence."""
    return (
        f"Optical density at which half of the lesions ({kind}) are detected: {threshold_text(fits['You'])} "
        f"by you, {threshold_text(fits['Model'])} by the model."
    )


def many_alarms(done: Sequence[Answered]) -> str:
    """State that a reader's false alarms are too many for a threshold; empty if they are not."""
    alarms = answers_of(done).false_alarms
    if not alarms or sum(alarms) < TOO_MANY * len(alarms):
        return ""
    return (
        f" You reported a lesion on {sum(alarms)} of {len(alarms)} films without one; with so many false "
        "alarms, your threshold says little."
    )


def results_table(
    fits: Mapping[str, Fit], observers: Mapping[str, Sequence[Answered]], places: Sequence[MapPlace]
) -> dict[str, list[str]]:
    """Threshold, spread, false alarms, rates and hits of the map, as columns of a table."""
    names = ["Threshold", "Spread (octaves)", "False alarms", "Guess rate (fit)", "Lapse rate (fit)"]
    table = {" ": [*names, "Map hits the lesion"]}
    for who, found in fits.items():
        alarms = answers_of(observers[who]).false_alarms
        hits = shown(sum(place.hit for place in places), len(places)) if who == "Model" else "–"
        table[who] = [
            threshold_text(found),
            f"{found.curve.spread:.2f}",
            shown(sum(alarms), len(alarms)),
            f"{found.curve.guess:.0%}",
            f"{found.curve.lapse:.0%}",
            hits,
        ]
    return table


def shown(count: int, n: int) -> str:
    """A share with its numbers and interval."""
    value: Estimate | None = share(count, n)
    if value is None:
        return "–"
    return f"{count} of {n}: {value.value:.0%} ({value.low:.0%} to {value.high:.0%})"
