"""Shortcut learning: a model that reads a lead letter, with and without letter and opacity."""

from __future__ import annotations

from functools import cache

import streamlit as st

from xray.evidence import verdict_of
from xray.evidence.run import checks_of
from xray.imaging.markers import lettered
from xray.imaging.phantom import chest_phantom
from xray.learn.shortcut import FINDING, MODEL
from xray.models.ensemble import load_model
from xray.train.lettered_films import PLACES
from xray.types import Case, MapVerdict, Radiograph
from xray.types.answer import percent
from xray.ui.common.cases import case_of
from xray.ui.common.maps import ranked
from xray.ui.common.verdict import verdict_line
from xray.ui.learn.lessons.lesson import Lesson
from xray.ui.learn.lessons.quiz import Quiz

COMPARED, COMPARED_FINDING = "pneumonia-mobilenet", "Pneumonia"
SEED = 20_022  # a chest that the model was not trained on, whose opacity the other model calls
LETTERS = ("no letter", *PLACES)


@cache
def film(opacity: bool, place: str) -> Radiograph:
    """The chest of the lesson, with a letter at a place of imaging.markers.PLACES."""
    return lettered(chest_phantom(SEED, opacity).radiograph, place)


@cache
def probability(model_id: str, finding: str, opacity: bool, place: str) -> float:
    """Calibrated probability of a model on the chest."""
    prediction = load_model(model_id).predict(film(opacity, place), intervals=False)
    return prediction.probability(finding)


def show() -> None:
    """Show the film with the map of the model, and both models on all combinations."""
    controls = st.columns([3, 2], gap="medium", vertical_alignment="bottom")
    place = controls[0].segmented_control(
        "Letter", LETTERS, default="upper right", required=True, key="lesson letter"
    )
    opacity = controls[1].toggle("Opacity in the lung", key="lesson opacity")
    case = case_of(film(opacity, place), MODEL)
    picture, result = st.columns([2, 3], gap="medium")
    with picture:
        ranked(case, case.explanation(FINDING), "shortcut")
        st.caption(f"Grad-CAM of {FINDING} by `{MODEL}`, drawn by rank.")
    with result:
        left, right = st.columns(2)
        for column, model_id, finding in (
            (left, MODEL, FINDING),
            (right, COMPARED, COMPARED_FINDING),
        ):
            column.metric(
                f"{finding}, {model_id}", percent(probability(model_id, finding, opacity, place)), border=True
            )
        st.markdown(verdict_line(verdict_by_shortcut(case)))
        st.table(table())
        st.caption(
            f"Probability of {FINDING} by `{MODEL}` and of {COMPARED_FINDING} by `{COMPARED}`, a model for "
            "analysis, on the same simulated chest. Letter: upper right."
        )


def verdict_by_shortcut(case: Case) -> MapVerdict:
    """The verdict on the map of the finding by the Shortcut check alone."""
    explanation = case.explanation(FINDING)
    return verdict_of(explanation, list(checks_of(case, explanation, names=("shortcut",))))


def table() -> dict[str, list[str]]:
    """Both models on the chest with and without opacity and letter, as columns of a table."""
    kinds = [(opacity, place) for opacity in (False, True) for place in ("no letter", "upper right")]
    return {
        "Opacity": ["yes" if opacity else "no" for opacity, _ in kinds],
        "Letter": ["no" if place == "no letter" else "yes" for _, place in kinds],
        MODEL: [percent(probability(MODEL, FINDING, *kind)) for kind in kinds],
        COMPARED: [percent(probability(COMPARED, COMPARED_FINDING, *kind)) for kind in kinds],
    }


LESSON = Lesson(
    name="Shortcuts",
    title="Shortcut learning",
    text=(
        "Radiographers place a lead letter beside the patient, and hospitals use different letters. If one "
        "hospital has sicker patients, a network can learn its letter instead of the disease; it then fails "
        "in other hospitals. The model of this lesson was trained on such films: every film with the label "
        "Opacity had a letter. On test films of the same kind it is nearly always right. To detect a "
        "shortcut, change something that should not matter and compare the predictions."
    ),
    show=show,
    notice=(
        "Remove the letter: the probability falls although the lung stays the same. Switch the opacity on "
        "and off: the probability hardly changes. The map lies on the letter, and the Shortcut check "
        "objects. The model for analysis follows the opacity and not the letter. (The chest was chosen: on "
        "most simulated chests, this model misses the opacity.)"
    ),
    paper="Zech et al. 2018, doi:10.1371/journal.pmed.1002683; "
    "DeGrave et al. 2021, doi:10.1038/s42256-021-00338-7.",
    questions=(
        Quiz(
            "A network has an AUROC of 1.00 on test films of the hospital that it was trained in. Can it "
            "use a shortcut?",
            (
                "No, it is nearly always right",
                "Yes, test films can have the same shortcut",
                "Only if it is large",
            ),
            1,
            "The test films have the same letters. Films of other hospitals, or films with the letter "
            "painted out, show the difference.",
        ),
        Quiz(
            "What shows most clearly that a network uses the letter?",
            (
                "The map is bright at the letter",
                "The prediction changes when only the letter is removed",
                "The letter is large",
            ),
            1,
            "A map is a hint. Repeating the prediction without the letter measures what it depends on; the "
            "Shortcut check does this.",
        ),
    ),
)
