"""What a heatmap is and is not: the map of a finding beside two maps that know nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from xray.evidence.context import gaussian, noise
from xray.geometry import Affine
from xray.types import Explanation, Pixels
from xray.ui.common.cases import case_of
from xray.ui.common.maps import ranked
from xray.ui.learn.lessons.lesson import MODEL, Lesson, chest

GRID = (56, 56)


def show() -> None:
    phantom = chest()
    case = case_of(phantom.radiograph, MODEL)
    said = case.prediction
    finding = st.selectbox("Finding", said.findings, said.findings.index("Infiltration"), key="heatmap of")
    own = case.explanation(finding)
    maps = {
        f"Grad-CAM of {finding}": own,
        "A random map": unasked(own, "random", noise(GRID, 0)),
        "A centered Gaussian": unasked(own, "Gaussian", gaussian(GRID)),
    }
    st.markdown(
        f"`{MODEL}` gives {finding} {said.probabilities[said.findings.index(finding)]:.1%} on a simulated "
        "chest with an opacity planted in the lung."
    )
    with st.grid(3, min_column_width=200):
        for name, one in maps.items():
            with st.container():
                st.markdown(f"**{name}**")
                ranked(case, one, name)
                st.caption(f"{share_inside(one, phantom.finding_mask):.1%} of it inside the opacity")
    st.caption(
        f"The opacity fills {phantom.finding_mask.mean():.1%} of the film; a map that is the same "
        "everywhere has that share inside. Drawn by rank; the lower half is not drawn."
    )


def unasked(like: Explanation, method: str, values: Pixels) -> Explanation:
    """A map (h, w) that knows neither the film nor the model."""
    to_source = Affine.stretch(values.shape, like.source_shape)
    return replace(like, method=method, raw_map=values, to_source=to_source)


def share_inside(one: Explanation, mask: np.ndarray) -> float:
    """The share of a map's positive values on a mask (H, W); NaN where there are none."""
    heat = np.maximum(one.heatmap(), 0)
    return float(heat[mask].sum() / heat.sum()) if heat.any() else float("nan")


LESSON = Lesson(
    name="Heatmaps",
    title="What a heatmap is, and is not",
    text=(
        "A heatmap shows which places raised the network's value for one finding. Grad-CAM weighs the "
        "channels of a late layer by how much the value would grow with each, and adds them up; its cells "
        "are coarse, and it is enlarged to the film. It is no outline of a disease, and no probability "
        "that a place is diseased. There is a map for every finding, also for those that the network does "
        "not believe in. Any smooth map looks plausible, so it says something only beside a map that knows "
        "nothing."
    ),
    show=show,
    notice=(
        "Change the finding: the map moves, though the film and its opacity stay. The random map and the "
        "Gaussian look no less convincing."
    ),
    paper="Selvaraju et al. 2017, Grad-CAM, arXiv:1610.02391; Adebayo et al. 2018, arXiv:1810.03292.",
)
