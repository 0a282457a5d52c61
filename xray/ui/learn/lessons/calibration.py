"""Calibration: a temperature changes the probabilities, their reliability curve and the calibration error."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from scipy.special import expit, logit

from xray.models.figures import Bin, model_figures
from xray.models.registry import entry
from xray.types.answer import percent
from xray.ui.common.charts import PLAIN
from xray.ui.common.estimates import estimate
from xray.ui.learn.lessons.lesson import Lesson
from xray.ui.learn.lessons.predictive_values import MODEL, measured
from xray.ui.learn.lessons.quiz import Quiz
from xray.ui.models.calibration_charts import reliability_diagram

TEMPERATURES = (0.25, 0.33, 0.5, 0.67, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0)
EXAMPLE = 0.8


def at_temperature(groups: Sequence[Bin], temperature: float) -> list[Bin]:
    """Divide the logit of each group's mean probability by a temperature.

    The films of a group keep their order and stay together, so its observed share does not change.
    """
    return [
        group.model_copy(update={"stated": float(expit(logit(group.stated) / temperature))})
        for group in groups
    ]


def calibration_error(groups: Sequence[Bin]) -> float:
    """Expected calibration error of groups: mean gap of stated and observed share, weighted by films."""
    films = sum(group.n for group in groups)
    return sum(group.n * abs(group.stated - group.observed) for group in groups) / films


def show() -> None:
    """Show the reliability diagram and the calibration error at a chosen temperature."""
    facts, groups = model_figures(entry(MODEL)), measured().reliability
    temperature = st.select_slider(
        "Temperature",
        TEMPERATURES,
        1.0,
        format_func=lambda value: f"{value:g}",
        key="lesson temperature",
        help="The logit is divided by it: below 1, probabilities move to 0% and 100%; above 1, to 50%.",
    )
    changed = at_temperature(groups, temperature)
    error, unchanged = calibration_error(changed), calibration_error(groups)
    chart, text = st.columns([4, 3], gap="medium", vertical_alignment="center")
    chart.plotly_chart(
        reliability_diagram(changed), config=PLAIN, key="lesson reliability", alt="Reliability diagram"
    )
    with text:
        with st.grid(2, min_column_width=120):
            st.metric(
                "ECE",
                f"{error:.3f}",
                None if temperature == 1 else f"{error - unchanged:+.3f} by the temperature",
                delta_color="inverse",
                border=True,
                height="stretch",
            )
            example = float(expit(logit(EXAMPLE) / temperature))
            st.metric(f"{percent(EXAMPLE)} becomes", percent(example), border=True, height="stretch")
        st.markdown(verdict(temperature, error, unchanged))
        before = facts.validation_uncalibrated.get("ece")
        after = facts.validation.metrics.get("ece") if facts.validation else None
        with st.grid(2, min_column_width=120):
            if before:
                estimate("ECE, network", before)
            if after:
                estimate("ECE, calibrated", after)
        st.caption(
            f"Chart and first ECE: {sum(group.n for group in groups)} test films of `{MODEL}` in groups of "
            "similar probability; at temperature 1, its calibrated probabilities. Last two: measured on "
            "the validation films on which the calibration was fitted, with 95% CI."
        )


def verdict(temperature: float, error: float, unchanged: float) -> str:
    """State what a temperature does to the probabilities."""
    if temperature == 1:
        return "The probabilities as the dashboard shows them: near the diagonal."
    how = "overconfident" if temperature < 1 else "too cautious"
    worse = "worse" if error > unchanged else "not worse on these films"
    return (
        f"At {temperature:g}, the network is **{how}**: the calibration is {worse}, although no film changes "
        "its rank, so AUROC and ROC curve stay the same."
    )


LESSON = Lesson(
    name="Calibration",
    title="Do probabilities match frequencies?",
    text=(
        "Of 100 films with a predicted probability of 80%, 80 should show the finding. Trained networks "
        "often rank films well but are overconfident or underconfident. Temperature scaling corrects this "
        "after training: the logit is divided by a number that is fitted on validation films. The expected "
        "calibration error (ECE) is the mean gap between predicted and observed share. Whether the "
        "calibration holds for other films must be measured on them."
    ),
    show=show,
    notice=(
        "Move the temperature below 1: the points leave the dotted diagonal, and the ECE rises, but every "
        "film keeps its rank. In the middle there are few films and the intervals are wide, so a point off "
        "the diagonal means little."
    ),
    paper="Guo et al. 2017, On calibration of modern neural networks, arXiv:1706.04599.",
    questions=(
        Quiz(
            "A network has an AUROC of 0.98. Are its probabilities calibrated?",
            (
                "Yes",
                "Not necessarily",
                "No",
            ),
            1,
            "The AUROC depends on the order of the films only. Every temperature gives the same AUROC and"
            " another ECE.",
        ),
        Quiz(
            "Of 50 films with about 90%, 30 show the finding. What is the network there?",
            (
                "Overconfident",
                "Too cautious",
                "Well calibrated",
            ),
            0,
            "30 of 50 are 60%, less than the 90% that it states.",
        ),
    ),
)
