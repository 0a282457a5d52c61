"""The benchmark of the checks: how often is a map without meaning believed?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from xray.errors import ModelUnavailable
from xray.evidence.limits import TRUE, kept, limits_file
from xray.models.registry import entry
from xray.ui.common.charts import AMBER, BLUE, PLAIN, SHARE, laid_out, whiskers
from xray.ui.learn.lessons.lesson import Lesson
from xray.ui.learn.lessons.quiz import Quiz

MODEL = "pneumonia-mobilenet"
KINDS = {  # by the name in evidence.meaningless
    "other film": "map of another film",
    "randomized network": "random weights",
    "edges": "edges of the film",
    "film": "the film itself",
    "centered Gaussian": "blob in the middle",
    "mirrored": "mirrored map",
    "moved": "moved map",
}
Rate = Mapping[str, float]


def benchmark() -> Mapping[str, Any]:
    """The kept benchmark of the checks. Raises ModelUnavailable."""
    figures = kept(limits_file(MODEL), entry(MODEL).sha256)
    if "benchmark" not in figures:
        raise ModelUnavailable(
            f"The checks of {MODEL} were not measured.",
            hint=f"Run: python -m benchmarks.trust --model {MODEL} --films 40 --start 40.",
        )
    measured: Mapping[str, Any] = figures["benchmark"]
    return measured


def believed(label: str, rate: Rate) -> None:
    """Show how many maps of a kind are called supported, with the interval."""
    st.metric(
        f"Believed: {label}",
        counted(rate),
        f"95% CI {rate['low']:.0%} to {rate['high']:.0%}",
        delta_color="off",
        delta_arrow="off",
        border=True,
    )


def counted(rate: Rate) -> str:
    """The number of maps that are called supported, of all."""
    return f"{rate['value'] * rate['n']:.0f} of {rate['n']:.0f}"


def show() -> None:
    """Show how often maps of a chosen kind, of all kinds and true maps are called supported."""
    measured = benchmark()
    rates: Mapping[str, Rate] = measured["verdict"]["meaningless"]
    kind = st.selectbox(
        "A map without meaning", list(rates), format_func=KINDS.__getitem__, key="lesson kind"
    )
    total = sum(rate["n"] for rate in rates.values())
    wrongly = sum(round(rate["value"] * rate["n"]) for rate in rates.values())
    text, chart = st.columns([2, 3], gap="medium", vertical_alignment="center")
    with text:
        believed(KINDS[kind], rates[kind])
        st.metric("Believed: all kinds together", f"{wrongly} of {total:.0f}", border=True)
        believed("true maps", measured["verdict"][TRUE])
    chart.plotly_chart(
        bars(rates, measured["verdict"][TRUE], kind),
        config=PLAIN,
        key="lesson kinds",
        alt="Believed maps by kind",
    )
    st.caption(
        f"Believed: the verdict is *supported*. `{measured['command']}`: {measured['films']} normal test "
        f"films with an inserted lesion, so the right place is known; Wilson's 95% intervals, that of true "
        f"maps for one map per film. Model: `{MODEL}`."
    )


def bars(rates: Mapping[str, Rate], true: Rate, chosen: str) -> go.Figure:
    """Draw the share of believed maps of every kind, and of true maps, with intervals."""
    shown = {KINDS[kind]: rate for kind, rate in rates.items()} | {"true maps": true}
    colors = [AMBER if name == KINDS[chosen] else BLUE for name in shown]
    figure = go.Figure(
        go.Bar(
            x=[rate["value"] for rate in shown.values()],
            y=list(shown),
            orientation="h",
            marker={"color": colors},
            error_x=whiskers([(rate["value"], rate["low"], rate["high"]) for rate in shown.values()], BLUE),
            hovertemplate="%{y}: %{x:.0%}<extra></extra>",
        )
    )
    laid_out(figure, "Called supported", "", 320)
    figure.update_xaxes(**SHARE)
    figure.update_yaxes(autorange="reversed", ticksuffix="  ")
    return figure


LESSON = Lesson(
    name="Checks",
    title="How often is a meaningless map believed?",
    text=(
        "The dashboard gives a verdict on a map: supported, not supported or cannot tell. Like every test, "
        "it makes two kinds of errors: it believes maps without meaning, and it rejects true ones. To count "
        "them, one must know the truth. So lesions were inserted into normal films, where the right place is "
        "known, and maps without meaning were made of seven kinds."
    ),
    show=show,
    notice=(
        "Few maps without meaning are believed, but not none, and some true maps are not believed. The "
        "intervals are wide: with no error in 25 maps, the true rate can still be above 10%."
    ),
    paper="Adebayo et al. 2018, Sanity checks for saliency maps, arXiv:1810.03292; "
    "Arun et al. 2021, doi:10.1148/ryai.2021200267.",
    questions=(
        Quiz(
            "The verdict on a map is supported. What is certain?",
            (
                "The finding is there",
                "The map is right",
                "Neither; such verdicts are rarely wrong, not never",
            ),
            2,
            "The verdict says that the prediction depends on the highlighted place more than on two other "
            "places, with measured error rates. It does not say that the prediction is right.",
        ),
        Quiz(
            "None of 25 maps of a kind was believed. How often are such maps believed?",
            ("Never", "In 0% to about 13%", "In 25%"),
            1,
            "Wilson's 95% interval for 0 of 25 is 0% to 13%. More films would make it narrower.",
        ),
    ),
)
