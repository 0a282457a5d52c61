"""Chart of the answers of a class."""

from __future__ import annotations

from collections import Counter

import plotly.graph_objects as go

from xray.learn.classroom.statistics import Outcome
from xray.learn.scores import HALF, Answer, absent
from xray.types.answer import percent
from xray.ui.common.charts import AMBER, BLUE, GRAY, MARK, laid_out
from xray.ui.common.escaping import chart_text

STEP = 5  # percent between two confidences
HEIGHT = 300


def answers_chart(outcome: Outcome) -> go.Figure:
    """Number of students by the stated probability of the finding: left sure of its absence, right of it.

    Answers of 50% appear with both colors in the middle. Lines show the mean of the class and the model.
    """
    figure = go.Figure()
    for present, name, color in ((False, absent(outcome.finding), BLUE), (True, outcome.finding, AMBER)):
        counts = Counter(_percent(answer) for answer in outcome.answers.values() if answer.present == present)
        values = range(0, 101, STEP)
        figure.add_bar(
            x=list(values),
            y=[counts[value] for value in values],
            name=chart_text(name),
            marker_color=color,
            width=STEP * 0.8,
            hovertemplate="%{y} students, %{x}%",
        )
    highest = max(Counter(map(_percent, outcome.answers.values())).values(), default=1)
    laid_out(figure, f"Stated probability of {outcome.finding.lower()}", "Students", HEIGHT)
    if outcome.crowd:
        _line(figure, outcome.crowd.probability, "class", MARK, 1.12 * highest)
    if outcome.model:
        _line(figure, outcome.model.probability, "model", GRAY, 1.28 * highest)
    figure.update_layout(
        barmode="stack",
        showlegend=True,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        xaxis={
            "range": [-4, 104],
            "tickvals": [0, 25, 50, 75, 100],
            "ticktext": ["0%", "25%", "50%", "75%", "100%"],
        },
        yaxis={"range": [0, highest * 1.45], "dtick": max(1, round(highest / 5)), "tickformat": "d"},
    )
    return figure


def _line(figure: go.Figure, probability: float, name: str, color: str, height: float) -> None:
    """Draw a labeled vertical line at a probability."""
    line = {"color": color, "width": 2, "dash": "dash"}
    figure.add_shape(type="line", x0=100 * probability, x1=100 * probability, y0=0, y1=height, line=line)
    figure.add_annotation(
        x=100 * probability,
        y=height,
        text=f"{name} {percent(probability)}",
        font={"color": color},
        showarrow=False,
        yanchor="bottom",
        xanchor="right" if probability > HALF else "left",
    )


def _percent(answer: Answer) -> int:
    """Stated probability, rounded to STEP percent."""
    return STEP * round(100 * answer.probability / STEP)
