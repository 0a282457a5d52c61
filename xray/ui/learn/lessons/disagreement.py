"""Why two methods disagree: Grad-CAM beside another method, and how alike they are."""

from __future__ import annotations

import streamlit as st

from xray.evidence.agreement import CELLS
from xray.evidence.context import noise
from xray.evidence.measures import rank_correlation, top_overlap
from xray.explain import METHODS
from xray.models.ensemble import load_model
from xray.ui.common.cases import case_of
from xray.ui.common.maps import maps_of, ordered, ranked
from xray.ui.learn.lessons.lesson import MODEL, Lesson, chest

FIRST, FINDING = "gradcam", "Infiltration"


def show() -> None:
    model = load_model(MODEL)
    quick = [name for name in ordered(model)[0] if METHODS[name].cost != "hundreds of passes"]
    others = [name for name in quick if name != FIRST]
    other = st.selectbox(
        "Compare Grad-CAM with",
        others,
        format_func=lambda name: f"{METHODS[name].title} · {METHODS[name].cost}",
        key="lesson method",
    )
    case = case_of(chest().radiograph, MODEL)
    maps = {name: maps_of(case, METHODS[name], (FINDING,))[0] for name in (FIRST, other)}
    heats = [one.heatmap() for one in maps.values()]
    with st.grid(2, min_column_width=220):
        for name, one in maps.items():
            with st.container():
                st.markdown(f"**{METHODS[name].title}**")
                ranked(case, one, name)
                st.caption(f"Values: {METHODS[name].values}.")
    chance = rank_correlation(heats[0], noise(heats[0].shape, 0), CELLS)
    with st.grid(3, min_column_width=150):
        st.metric("Rank correlation", f"{rank_correlation(heats[0], heats[1], CELLS):.2f}", border=True)
        st.metric("With a random map", f"{chance:.2f}", border=True)
        st.metric("Overlap of the top tenths", f"{top_overlap(heats[0], heats[1]):.2f}", border=True)
    st.caption(
        f"Maps of {FINDING} by `{MODEL}` on a simulated chest, drawn by rank. Rank correlation: Spearman's, "
        "1 for the same order, 0 for none; overlap: intersection over union of the highest tenths."
    )


LESSON = Lesson(
    name="Disagreement",
    title="Why two methods disagree",
    text=(
        "Methods of explanation ask different questions. Grad-CAM asks which cells of a late layer carry "
        "the value; gradient methods ask which pixels would change it most; ablation asks what happens "
        "without a part. So two correct methods may give two maps of the same answer, and none of them is "
        "the explanation. Agreement is no proof either: related methods share their mistakes."
    ),
    show=show,
    notice=(
        "Some relatives of Grad-CAM agree with it, others hardly or not at all, although the network, the "
        "film and the answer are the same. Ask of each what its values say before preferring one."
    ),
    paper="Krishna et al. 2022, The disagreement problem in explainable machine learning, arXiv:2202.01602.",
)
