"""Disagreement: Grad-CAM and another method side by side, and the similarity of their maps."""

from __future__ import annotations

import streamlit as st

from xray.evidence.agreement import CELLS
from xray.evidence.baseline_maps import noise
from xray.evidence.measures import rank_correlation, top_overlap
from xray.explain import METHODS
from xray.models.ensemble import load_model
from xray.ui.common.cases import case_of
from xray.ui.common.maps import maps_of, ordered, ranked
from xray.ui.learn.lessons.lesson import MODEL, Lesson, chest
from xray.ui.learn.lessons.quiz import Quiz

FIRST, FINDING = "gradcam", "Infiltration"


def show() -> None:
    """Show Grad-CAM and a chosen method with their rank correlation and overlap."""
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
    heats = [explanation.heatmap() for explanation in maps.values()]
    with st.grid(2, min_column_width=220):
        for name, explanation in maps.items():
            with st.container():
                st.markdown(f"**{METHODS[name].title}**")
                ranked(case, explanation, name)
                st.caption(f"Values: {METHODS[name].values}.")
    chance = rank_correlation(heats[0], noise(heats[0].shape, 0), CELLS)
    with st.grid(3, min_column_width=150):
        st.metric("Rank correlation", f"{rank_correlation(heats[0], heats[1], CELLS):.2f}", border=True)
        st.metric("With a random map", f"{chance:.2f}", border=True)
        st.metric("Overlap of the top 10%", f"{top_overlap(heats[0], heats[1]):.2f}", border=True)
    st.caption(
        f"Maps of {FINDING} by `{MODEL}` on a simulated chest, drawn by rank. Rank correlation (Spearman): 1 "
        "for identical ranks, 0 for unrelated maps. Overlap: intersection over union of the highest 10%."
    )


LESSON = Lesson(
    name="Disagreement",
    title="Why methods disagree",
    text=(
        "Explanation methods answer different questions. Grad-CAM shows which cells of a late layer "
        "contribute to the logit; gradient methods show which pixels would change it most; ablation measures "
        "the effect of removing a part. Two correct methods can therefore give different maps for the same "
        "prediction. Agreement is not proof: related methods share their errors."
    ),
    show=show,
    notice=(
        "Some methods related to Grad-CAM agree with it, others do not, although network, film and "
        "prediction are the same. Compare what the values of each method mean before you choose one."
    ),
    paper="Krishna et al. 2022, The disagreement problem in explainable machine learning, arXiv:2202.01602.",
    questions=(
        Quiz(
            "Two methods give different maps for the same prediction. What follows?",
            (
                "One of them is wrong",
                "Nothing yet; they may answer different questions",
                "The prediction is wrong",
            ),
            1,
            "Grad-CAM sums contributions, a gradient method measures sensitivity and ablation measures "
            "the effect of removal.",
        ),
        Quiz(
            "Five methods related to Grad-CAM agree. Is the map right?",
            (
                "Yes, agreement proves it",
                "No, related methods share their errors",
                "Only if the film is sharp",
            ),
            1,
            "Methods that use the same layer and the same gradients agree for that reason. Hiding the "
            "region tests the map.",
        ),
    ),
)
