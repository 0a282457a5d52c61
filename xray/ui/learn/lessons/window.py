"""Window and level: effect on the display, and on the model if the window is saved into the file."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from xray.models.ensemble import load_model
from xray.render.overlay import Drawing, window, windowed
from xray.types.answer import percent
from xray.ui.learn.lessons.lesson import MODEL, Lesson, chest
from xray.ui.learn.lessons.quiz import Quiz

FINDING = "Infiltration"


def show() -> None:
    """Show the film in a chosen window, and the probabilities with and without it."""
    level, width = st.columns(2, gap="medium")
    center = level.slider("Level", 0.0, 1.0, 0.5, 0.01, key="lesson level")
    span = width.slider("Window", 0.05, 1.0, 1.0, 0.01, key="lesson window")
    film = chest().radiograph
    model = load_model(MODEL)
    index = model.entry.findings.index(FINDING)
    burned = replace(film, pixels=window(film.pixels, center, span))
    original, if_burned = (
        float(model.predict(seen, intervals=False).probabilities[index]) for seen in (film, burned)
    )
    shown, result = st.columns([2, 3], gap="medium", vertical_alignment="center")
    shown.image(
        windowed(film.pixels, Drawing(window_center=center, window_width=span)),
        width="stretch",
        alt=f"Film at level {center:.2f}, window {span:.2f}",
    )
    with result:
        st.metric(f"{FINDING}, original film", percent(original), border=True)
        st.metric(
            "With this window saved into the file",
            percent(if_burned),
            f"{round(100 * (if_burned - original), 1) + 0.0:+.1f} points",
            delta_color="off",
            delta_arrow="off",
            border=True,
        )
        lost = float(((burned.pixels == 0) | (burned.pixels == 1)).mean())
        st.caption(
            f"{lost:.0%} of the pixels are black or white in this window, so differences between them are "
            f"not visible. Model: `{MODEL}`. Level and window are shares of the film's range."
        )


LESSON = Lesson(
    name="Window and level",
    title="Window and level",
    text=(
        "A film has more gray levels than a screen can show. The window is the range of gray values that is "
        "displayed from black to white, and the level is its center. Here they affect the display only: the "
        "model always receives the whole film, so its prediction does not change. If a window is saved into "
        "the file, as in an export or a screenshot, the gray values outside it are lost for the model too."
    ),
    show=show,
    notice=(
        "The upper value never changes. The lower value does, although the phantom is the same: check how a "
        "film was exported before you trust a prediction for it."
    ),
    paper="DICOM PS3.3, C.11.2 (VOI LUT: window center and width).",
    questions=(
        Quiz(
            "You change level and width in the viewer. What happens to the prediction?",
            (
                "It changes",
                "It stays the same",
                "It changes only for dark films",
            ),
            1,
            "The window affects the display only. The model receives the whole range of gray values.",
        ),
        Quiz(
            "A film was exported as a PNG in a narrow bone window. What does the model see?",
            (
                "All gray values of the detector",
                "Only the gray values of that window",
                "A better film",
            ),
            1,
            "Gray values outside the window became black or white in the file and are lost. Prefer the "
            "DICOM file.",
        ),
    ),
)
