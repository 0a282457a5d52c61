"""Three steps for someone who is here for the first time; they go when a film is opened."""

from __future__ import annotations

import streamlit as st

STEPS = (
    (
        ":material/radiology: 1. Open a film",
        "Your own or a sample. Bars say how likely each finding is, with an interval, beside the operating "
        "point that was chosen for it.",
    ),
    (
        ":material/frame_inspect: 2. See where the model looked",
        "The heatmap lies over the film: wheel to zoom, drag to pan, right button to window. Choose another "
        "finding or method.",
    ),
    (
        ":material/fact_check: 3. Ask whether to believe it",
        "**Check** hides what the map points at, lets the network forget, moves the film a little, and says "
        "passed, failed or cannot be judged.",
    ),
)


def tour() -> None:
    for column, (title, text) in zip(st.columns(len(STEPS)), STEPS, strict=True):
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{title}**")
            st.markdown(text)
    st.page_link(
        "pages/learn.py", label="New to this? Read films before the model does", icon=":material/school:"
    )
