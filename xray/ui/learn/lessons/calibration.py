"""Calibration: what a network states, what that becomes, and what happened to films so stated."""

from __future__ import annotations

import streamlit as st
import torch
from scipy.special import logit

from xray.models.calibration import calibrated
from xray.models.figures import model_figures
from xray.models.registry import entry
from xray.ui.common.charts import BLUE, MARK
from xray.ui.learn.lessons.lesson import Lesson
from xray.ui.learn.lessons.predictive_values import MODEL, measured
from xray.ui.models.calibration_charts import reliability_diagram
from xray.ui.models.figures_tab import PLAIN, estimate


def after_calibration(raw: float) -> float:
    """The calibrated probability of Pneumonia where the network itself states one, both in (0, 1)."""
    facts = entry(MODEL)
    logits = torch.tensor([[0.0, float(logit(raw))]])  # Normal, Pneumonia: a softmax gives raw
    return float(calibrated(logits, facts.scaling, facts.activation)[0, 1])


def show() -> None:
    facts, finding = model_figures(entry(MODEL)), measured()
    raw = st.slider("The network states", 1, 99, 80, format="%d%%", key="lesson raw") / 100
    mended = after_calibration(raw)
    nearest = min(finding.reliability, key=lambda one: abs(one.stated - mended))
    chart, told = st.columns([4, 3], gap="medium", vertical_alignment="center")
    figure = reliability_diagram(finding.reliability)
    for value, color, dash in ((raw, BLUE, "dot"), (mended, MARK, "solid")):
        figure.add_vline(x=value, line={"color": color, "width": 1.5, "dash": dash}, row=1, col=1)
    chart.plotly_chart(figure, config=PLAIN, key="lesson reliability", alt="Reliability diagram of Pneumonia")
    with told:
        st.markdown(
            f"Raw **{raw:.0%}** (dotted) becomes **{mended:.1%}** (white). Of the {nearest.n} test films "
            f"with about {nearest.stated:.0%}, {nearest.observed:.0%} show pneumonia."
        )
        before = facts.validation_uncalibrated.get("ece")
        after = facts.validation.metrics.get("ece") if facts.validation else None
        with st.grid(2, min_column_width=120):
            if before:
                estimate("ECE, raw", before)
            if after:
                estimate("ECE, calibrated", after)
        st.caption(
            f"Expected calibration error of `{MODEL}` on validation films, on which the calibration was "
            "fitted, with 95% CI. The diagram is of test films and of calibrated probabilities."
        )


LESSON = Lesson(
    name="Calibration",
    title="Can a probability be taken at its word?",
    text=(
        "A network that says 80% should be right in 80 of 100 such films. Trained networks often are not: "
        "they sort films well and state too much or too little. Calibration mends this afterwards: the "
        "logit is multiplied by one number, fitted on validation films, before it becomes a probability. "
        "The order of films stays, and so does the ROC curve. Whether it holds on other films has to be "
        "measured there."
    ),
    show=show,
    notice=(
        "On the dotted diagonal the network keeps its word. Most films lie at the ends; in the middle "
        "there are few, the bars are long, and a point off the line means little."
    ),
    paper="Guo et al. 2017, On calibration of modern neural networks, arXiv:1706.04599.",
)
