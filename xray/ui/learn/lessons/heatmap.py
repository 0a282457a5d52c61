"""Heatmaps: the map of a finding beside two maps that do not depend on the film."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from xray.evidence.baseline_maps import gaussian, noise
from xray.geometry import Affine
from xray.types import Explanation, Pixels
from xray.types.answer import percent
from xray.ui.common.cases import case_of
from xray.ui.common.maps import ranked
from xray.ui.learn.lessons.lesson import MODEL, Lesson, chest
from xray.ui.learn.lessons.quiz import Quiz

GRID = (56, 56)


def show() -> None:
    """Show the map of a chosen finding, a random map and a centered Gaussian."""
    phantom = chest()
    case = case_of(phantom.radiograph, MODEL)
    prediction = case.prediction
    index = prediction.findings.index("Infiltration")
    finding = st.selectbox("Finding", prediction.findings, index, key="heatmap of")
    explanation = case.explanation(finding)
    maps = {
        f"Grad-CAM of {finding}": explanation,
        "A random map": control(explanation, "random", noise(GRID, 0)),
        "A centered Gaussian": control(explanation, "Gaussian", gaussian(GRID)),
    }
    st.markdown(
        f"{finding} has a probability of {percent(prediction.probability(finding))} by `{MODEL}` on a "
        "simulated chest with an opacity in the lung."
    )
    with st.grid(3, min_column_width=200):
        for name, shown in maps.items():
            with st.container():
                st.markdown(f"**{name}**")
                ranked(case, shown, name)
                st.caption(f"{share_inside(shown, phantom.finding_mask):.1%} inside the opacity")
    st.caption(
        f"The opacity covers {phantom.finding_mask.mean():.1%} of the film; a constant map has this share "
        "inside. Maps are drawn by rank, without the lower half of the values."
    )


def control(like: Explanation, method: str, values: Pixels) -> Explanation:
    """Return an explanation with another map (h, w), which depends on neither film nor model."""
    to_source = Affine.stretch(values.shape, like.source_shape)
    return replace(like, method=method, raw_map=values, to_source=to_source)


def share_inside(explanation: Explanation, mask: np.ndarray) -> float:
    """Return the share of a map's positive values inside a mask (H, W); NaN without positive values."""
    heat = np.maximum(explanation.heatmap(), 0)
    return float(heat[mask].sum() / heat.sum()) if heat.any() else float("nan")


LESSON = Lesson(
    name="Heatmaps",
    title="What a heatmap shows",
    text=(
        "A heatmap shows which locations increased the network's logit for one finding. Grad-CAM weights the "
        "channels of a late layer by the gradient of the logit and adds them up; its cells are coarse and "
        "are enlarged to the film. It is neither the outline of a disease nor the probability that a "
        "location is diseased. Every finding has a map, including findings that the network predicts to be "
        "absent. Any smooth map looks plausible, so compare it with a map that does not depend on the film."
    ),
    show=show,
    notice=(
        "Change the finding: the map changes although the film and its opacity stay the same. The random map "
        "and the Gaussian look equally convincing."
    ),
    paper="Selvaraju et al. 2017, Grad-CAM, arXiv:1610.02391; Adebayo et al. 2018, arXiv:1810.03292.",
    questions=(
        Quiz(
            "The map of a finding is bright, and its probability is 3%. What does the map show?",
            (
                "Where the finding is",
                "Where the logit was increased, whatever its value",
                "That the probability is wrong",
            ),
            1,
            "Every finding has a map, also one that the network predicts to be absent. Read the "
            "probability first.",
        ),
        Quiz(
            "A colleague says that a map looks convincing. What should you compare it with?",
            (
                "The map of another color scale",
                "A map that does not depend on the film",
                "The map of a larger film",
            ),
            1,
            "A random map or a centered Gaussian looks convincing too. Only what a map does better than "
            "they do is evidence.",
        ),
    ),
)
