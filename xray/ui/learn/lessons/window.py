"""Window and level: what changes for the eye, and what stays the same for the model."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from xray.models.ensemble import load_model
from xray.render.overlay import Drawing, window, windowed
from xray.ui.learn.lessons.lesson import MODEL, Lesson, chest

FINDING = "Infiltration"


def show() -> None:
    level, width = st.columns(2, gap="medium")
    center = level.slider("Level", 0.0, 1.0, 0.5, 0.01, key="lesson level")
    span = width.slider("Window", 0.05, 1.0, 1.0, 0.01, key="lesson window")
    film = chest().radiograph
    model = load_model(MODEL)
    index = model.entry.findings.index(FINDING)
    burned = replace(film, pixels=window(film.pixels, center, span))
    asked, if_burned = (float(model.predict(one).probabilities[index]) for one in (film, burned))
    shown, told = st.columns([2, 3], gap="medium", vertical_alignment="center")
    shown.image(
        windowed(film.pixels, Drawing(window_center=center, window_width=span)),
        width="stretch",
        alt=f"Film at level {center:.2f}, window {span:.2f}",
    )
    with told:
        st.metric(f"{FINDING}, as the model gets the film", f"{asked:.2%}", border=True)
        st.metric(
            "If this window were saved into the file",
            f"{if_burned:.2%}",
            f"{round(100 * (if_burned - asked), 2) + 0.0:+.2f} points",
            delta_color="off",
            delta_arrow="off",
            border=True,
        )
        lost = float(((burned.pixels == 0) | (burned.pixels == 1)).mean())
        st.caption(
            f"{lost:.0%} of the pixels are black or white at this window: what differed among them is not "
            f"shown. Asked is `{MODEL}`; the level and the window are shares of the film's range."
        )


LESSON = Lesson(
    name="Window and level",
    title="Window and level",
    text=(
        "A film holds more gray levels than a screen or an eye tells apart. The window chooses the range "
        "that is spread from black to white, the level its middle. Here both are for your eye only: the "
        "model always gets the whole film, so its answer stays. It is different when a window is saved "
        "into the file, as an export or a screenshot does: then what was cut off is lost to both."
    ),
    show=show,
    notice=(
        "The upper value never moves. The lower one does, though the patient, or here the phantom, is the "
        "same: ask how a film was exported before trusting an answer to it."
    ),
    paper="DICOM PS3.3, C.11.2 (VOI LUT: window center and width).",
)
