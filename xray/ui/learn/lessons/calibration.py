"""Calibration: raw and calibrated probability, and the share of films with the finding."""

from __future__ import annotations

import streamlit as st
import torch
from scipy.special import logit

from xray.models.calibration import calibrated
from xray.models.figures import model_figures
from xray.models.registry import entry
from xray.types.answer import percent
from xray.ui.common.charts import BLUE, MARK, PLAIN
from xray.ui.common.estimates import estimate
from xray.ui.learn.lessons.lesson import Lesson
from xray.ui.learn.lessons.predictive_values import MODEL, measured
from xray.ui.models.calibration_charts import reliability_diagram


def after_calibration(raw: float) -> float:
    """Calibrate a raw probability of Pneumonia, both in (0, 1)."""
    facts = entry(MODEL)
    logits = torch.tensor([[0.0, float(logit(raw))]])  # Normal, Pneumonia: the softmax is raw
    return float(calibrated(logits, facts.scaling, facts.activation)[0, 1])


def show() -> None:
    """Show the reliability diagram with a raw probability and its calibrated value."""
    facts, finding = model_figures(entry(MODEL)), measured()
    raw = st.slider("Raw probability", 1, 99, 80, format="%d%%", key="lesson raw") / 100
    corrected = after_calibration(raw)
    nearest = min(finding.reliability, key=lambda group: abs(group.stated - corrected))
    chart, text = st.columns([4, 3], gap="medium", vertical_alignment="center")
    figure = reliability_diagram(finding.reliability)
    for value, color, dash in ((raw, BLUE, "dot"), (corrected, MARK, "solid")):
        figure.add_vline(x=value, line={"color": color, "width": 1.5, "dash": dash}, row=1, col=1)
    chart.plotly_chart(figure, config=PLAIN, key="lesson reliability", alt="Reliability diagram of Pneumonia")
    with text:
        st.markdown(
            f"Raw **{percent(raw)}** (dotted) becomes **{percent(corrected)}** (white). Of the {nearest.n} "
            f"test films with about {percent(nearest.stated)}, {percent(nearest.observed)} show pneumonia."
        )
        before = facts.validation_uncalibrated.get("ece")
        after = facts.validation.metrics.get("ece") if facts.validation else None
        with st.grid(2, min_column_width=120):
            if before:
                estimate("ECE, raw", before)
            if after:
                estimate("ECE, calibrated", after)
        st.caption(
            f"Expected calibration error of `{MODEL}` on the validation films on which the calibration was "
            "fitted, with 95% CI. The diagram shows calibrated probabilities of test films."
        )


LESSON = Lesson(
    name="Calibration",
    title="Do probabilities match frequencies?",
    text=(
        "Of 100 films with a predicted probability of 80%, 80 should show the finding. Trained networks "
        "often rank films well but are overconfident or underconfident. Calibration corrects this after "
        "training: the logit is multiplied by a factor that is fitted on validation films, and then "
        "converted to a probability. The order of the films and the ROC curve do not change. Whether the "
        "calibration holds for other films must be measured on them."
    ),
    show=show,
    notice=(
        "On the dotted diagonal, predictions match frequencies; below it the network is overconfident. Most "
        "films lie at the ends. In the middle there are few films and the intervals are wide, so a point off "
        "the diagonal means little."
    ),
    paper="Guo et al. 2017, On calibration of modern neural networks, arXiv:1706.04599.",
)
