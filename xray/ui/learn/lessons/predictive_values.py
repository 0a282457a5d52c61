"""Thresholds, prevalence and predictive values, shown for 100 people."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from xray.errors import ModelUnavailable
from xray.models.figures import FindingFigures, model_figures
from xray.models.registry import entry
from xray.ui.common.charts import AMBER, BLUE, GRAY, PLAIN
from xray.ui.common.operating_point import chosen_point
from xray.ui.learn.lessons.lesson import Lesson
from xray.ui.learn.lessons.quiz import Quiz

MODEL, FINDING = "pneumonia-mobilenet", "Pneumonia"
SIDE = 10
GROUPS = {  # name: color, symbol
    "true positives": (AMBER, "circle"),
    "false negatives": (AMBER, "circle-open"),
    "false positives": (BLUE, "square"),
    "true negatives": (GRAY, "square-open"),
}


def measured() -> FindingFigures:
    """Read the test figures of the finding. Raises ModelUnavailable."""
    test = model_figures(entry(MODEL)).test
    if test is None or FINDING not in test.findings:
        raise ModelUnavailable(
            f"{MODEL} was not measured on test films.", hint=f"Run: python -m xray evaluate {MODEL} --json."
        )
    return test.findings[FINDING]


def show() -> None:
    """Show 100 people by outcome, and both predictive values, at a prevalence and a threshold."""
    finding = measured()
    share, threshold = st.columns(2, gap="medium")
    prevalence = share.slider("Prevalence", 1, 90, 10, format="%d%%", key="lesson prevalence") / 100
    with threshold:
        point = chosen_point(finding, "lesson threshold")
    parts = natural_frequencies(point.counts(prevalence, 1 - prevalence))
    positive, negative = point.predictive_values(prevalence)
    chart, text = st.columns([3, 4], gap="medium", vertical_alignment="center")
    names = list(GROUPS)
    described = ", ".join(f"{count} {name}" for count, name in zip(parts, names, strict=True))
    chart.plotly_chart(icon_array(parts), config=PLAIN, key="icon array", alt=f"Of 100 people: {described}")
    with text:
        groups = [f"{mark(name)} {count} {name}" for name, count in zip(names, parts, strict=True)]
        st.markdown("  \n".join(["Of 100 people:", *groups]))
        with st.grid(2, min_column_width=120):
            st.metric(
                "PPV",
                percent(positive),
                help="Probability that a positive prediction is correct.",
                border=True,
            )
            st.metric(
                "NPV",
                percent(negative),
                help="Probability that a negative prediction is correct.",
                border=True,
            )
        st.caption(
            f"Sensitivity {point.sensitivity.value:.1%}, specificity {point.specificity.value:.1%}, "
            f"measured for `{MODEL}` on {finding.n} test films, {finding.prevalence:.0%} of which show "
            "pneumonia. The symbols are rounded to whole people."
        )


def natural_frequencies(shares: Sequence[float], total: int = 100) -> list[int]:
    """Round shares (n) that sum to 1 to counts that sum to `total`, by largest remainder.

    Counts are easier to understand than probabilities (Gigerenzer and Hoffrage 1995).
    """
    exact = np.asarray(shares, np.float64) * total
    counts = np.floor(exact + 1e-9).astype(int)
    missing = total - int(counts.sum())
    counts[np.argsort(counts - exact, kind="stable")[:missing]] += 1
    return counts.tolist()


def percent(value: float) -> str:
    """Format a share; a dash for NaN."""
    return "–" if isnan(value) else f"{value:.1%}"


def mark(name: str) -> str:
    """The symbol of a group as colored Markdown."""
    color, symbol = GROUPS[name]
    shape = {"circle": "●", "circle-open": "○", "square": "■", "square-open": "□"}[symbol]
    return f":{'orange' if color == AMBER else 'blue' if color == BLUE else 'gray'}[{shape}]"


def icon_array(parts: list[int]) -> go.Figure:
    """Draw 100 symbols in rows of ten, group by group."""
    figure = go.Figure()
    ends = np.cumsum(parts)
    for (name, (color, symbol)), end, count in zip(GROUPS.items(), ends, parts, strict=True):
        positions = np.arange(end - count, end)
        figure.add_scatter(
            x=positions % SIDE,
            y=positions // SIDE,
            mode="markers",
            marker={"color": color, "symbol": symbol, "size": 15, "line": {"width": 2, "color": color}},
            hovertemplate=f"{count} {name}<extra></extra>",
        )
    figure.update_layout(height=300, margin={"l": 0, "r": 0, "t": 4, "b": 4}, showlegend=False)
    figure.update_xaxes(visible=False, range=[-0.6, SIDE - 0.4], fixedrange=True)
    figure.update_yaxes(visible=False, range=[SIDE - 0.4, -0.6], fixedrange=True, scaleanchor="x")
    return figure


LESSON = Lesson(
    name="Predictive values",
    title="Thresholds, prevalence and predictive values",
    text=(
        "A threshold turns a probability into a prediction. A low threshold misses few patients (high "
        "sensitivity) but causes many false positives (low specificity). Sensitivity and specificity do not "
        "depend on the prevalence. The predictive values, the probabilities that a positive or a negative "
        "prediction is correct, do. They follow from Bayes' rule, or from counting 100 people."
    ),
    show=show,
    notice=(
        "Lower the prevalence to 1%: the network is the same, but nearly all positive predictions are false. "
        "Raise the threshold, and false negatives appear."
    ),
    paper="Gigerenzer and Hoffrage 1995, doi:10.1037/0033-295X.102.4.684.",
    questions=(
        Quiz(
            "A network with a sensitivity and a specificity of 95% is used where 1% are ill. A film is "
            "called positive. How likely is the disease?",
            (
                "95%",
                "About 50%",
                "About 16%",
            ),
            2,
            "Of 10,000 people, 95 of the 100 ill and 495 of the 9,900 healthy are called positive: 95 of "
            "590 are 16%.",
        ),
        Quiz(
            "The same network moves to a hospital with more ill people. What changes?",
            (
                "Sensitivity and specificity",
                "The predictive values",
                "Nothing",
            ),
            1,
            "Sensitivity and specificity describe the network on the ill and on the healthy. The "
            "predictive values also depend on how many are ill.",
        ),
    ),
)
