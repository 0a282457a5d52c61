"""Familiarity: images of unfamiliar kinds at the input gate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial

import numpy as np
import streamlit as st

from xray.imaging.phantom import limb_phantom
from xray.imaging.transforms import invert
from xray.models.ensemble import load_model
from xray.models.gate import check_input
from xray.models.registry import entry
from xray.render.overlay import windowed
from xray.train.renderings import renderings
from xray.types import GateResult, Radiograph
from xray.types.answer import percent
from xray.ui.common.escaping import literal
from xray.ui.learn.lessons.lesson import Lesson, chest
from xray.ui.learn.lessons.quiz import Quiz

MODEL, FINDING = "pneumonia-mobilenet", "Pneumonia"


def _changed(change: Callable[[np.ndarray], np.ndarray]) -> Radiograph:
    film = chest().radiograph
    return replace(film, pixels=np.ascontiguousarray(change(film.pixels)))


def _drawn(kind: str) -> Radiograph:
    return renderings(kind, 1, seed=1)[0]


IMAGES: dict[str, Callable[[], Radiograph]] = {
    "a simulated chest": lambda: chest().radiograph,
    "the chest upside down": partial(_changed, lambda pixels: pixels[::-1, ::-1]),
    "the chest inverted": partial(_changed, lambda pixels: invert(pixels).pixels),
    "a simulated forearm": lambda: limb_phantom(3).radiograph,
    "a drawing": partial(_drawn, "drawing"),
    "a document": partial(_drawn, "document"),
    "a screenshot": partial(_drawn, "screenshot"),
}


@cache
def at_the_gate(name: str) -> tuple[Radiograph, GateResult, float]:
    """An image, the gate's result for the model, and the probability of the model without the gate."""
    film = IMAGES[name]()
    prediction = load_model(MODEL).predict(film, intervals=False)
    return film, check_input(film, entry(MODEL)), prediction.probability(FINDING)


def show() -> None:
    """Show a chosen image, the result of the gate, and the model's probability without it."""
    name = st.selectbox("Image", list(IMAGES), index=list(IMAGES).index("a drawing"), key="lesson image")
    with st.spinner("Checking the image …"):
        film, result, probability = at_the_gate(name)
    shown, text = st.columns([2, 3], gap="medium")
    shown.image(windowed(film.pixels), width="stretch", alt=f"Image: {name}")
    with text:
        if result.accepted:
            st.success("The gate accepts the image.", icon=":material/check:")
        else:
            st.error(f"The gate refuses the image. {literal(result.reason)}", icon=":material/front_hand:")
            if result.hint:
                st.caption(literal(result.hint))
        with st.grid(2, min_column_width=150):
            st.metric(
                "Familiarity",
                "–" if result.familiarity is None else percent(result.familiarity),
                help="Share of new good films that are farther from the training films than this image.",
                border=True,
                height="stretch",
            )
            st.metric(f"{FINDING}, without the gate", percent(probability), border=True, height="stretch")
        st.caption(
            f"The gate of `{MODEL}`, a model for chest films. Simulated films are accepted although they "
            "differ from real ones; all other rules apply to them."
        )


LESSON = Lesson(
    name="Familiarity",
    title="Images that a model has never seen",
    text=(
        "A network answers every image: a drawing gets a probability of pneumonia, too. Its figures hold "
        "only for films like those that it was trained and tested on. So an input gate comes first. It "
        "checks the pixels, recognizes the body region and the pose, and measures how far the image is from "
        "the training films: the distance of its features to the nearest of them."
    ),
    show=show,
    notice=(
        "Choose the forearm: without the gate, the model would call pneumonia on a bone. The other images "
        "get low probabilities, which mean just as little. A refusal names the rule that applied, and what "
        "to do."
    ),
    paper="Sun et al. 2022, Out-of-distribution detection with deep nearest neighbors, arXiv:2204.06507.",
    questions=(
        Quiz(
            "A model states 97% pneumonia for a photograph of a cat. What is wrong with that figure?",
            (
                "Nothing, it is calibrated",
                "Its calibration holds only for films like the training films",
                "It should be 50%",
            ),
            1,
            "Calibration, sensitivity and specificity were measured on chest films. For other images they "
            "say nothing, and the figure cannot show it.",
        ),
        Quiz(
            "The gate accepts a film with a familiarity of 2%. What follows?",
            (
                "The film is unusual: nearly all new good films are closer to the training films",
                "The prediction is wrong",
                "The film is a duplicate",
            ),
            0,
            "98% of new good films are closer. The prediction can be right, but such films were rare in the "
            "test, so treat it with caution.",
        ),
    ),
)
