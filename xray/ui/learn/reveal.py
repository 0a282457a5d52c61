"""After the commitment: the reference, the model and its heatmap, the scores of both, and their totals."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from xray.errors import RefusedRadiograph
from xray.learn.deck import Played, Question, play, scores_csv
from xray.learn.scores import Answer, Reference, Score, totals
from xray.render.overlay import scale_of
from xray.types import Case, Prediction, Radiograph
from xray.ui.common.cases import case_of
from xray.ui.common.messages import literal
from xray.ui.learn.deck import Run
from xray.ui.viewer import Box, viewer

HEIGHT = 420
HOW = (
    "**Right**: the answer is that of the reference; the model's is taken at its operating point. **Points "
    "at it**: the center of your mark lies inside the reference; for the model, the highest point of its "
    "map does, whatever it answers (pointing game, arXiv:1608.00507). **IoU**: intersection over union "
    "with the reference, of your mark and of what reaches half of the map's highest value. **Brier**: the "
    "squared distance of the stated probability from what is; 0 is best, 0.25 is what a guess at 50% gets."
)


def reveal(run: Run, number: int) -> DeltaGenerator:
    """Reference, model and scores side by side; gives the place below the scores. Raises XrayError."""
    question, answer = run.deck.questions[number], run.answers[number]
    film, reference = run.film(number)
    refusal, case = "", None
    try:
        case = case_of(film, question.model_id)
    except RefusedRadiograph as error:
        refusal = str(error)
    if number not in run.played:
        with st.spinner("Scoring both …"):
            run.played[number] = play(answer, reference, question, case)
    films, both = st.columns([2, 1], gap="medium")
    with films:
        finding = question.stands_for if case else ""
        viewer(film, key="reveal", case=case, finding=finding, linked="reveal", parts="controls")
        truth, model = st.columns(2, gap="medium")
    with truth:
        the_truth(film, reference, answer, question)
    with model:
        if case is None:
            st.markdown("**The model**")
            st.warning(literal(refusal), icon=":material/front_hand:")
        else:
            the_model(case, reference, question)
    done = run.played[number]
    with both:
        scores(question, done)
        below = st.container()
        if case is not None and done.without_markers is not None:
            told = shortcut(case.prediction, question.stands_for, done.without_markers)
            st.caption(f":material/text_fields: {told}")
    return below


def the_truth(film: Radiograph, reference: Reference, answer: Answer, question: Question) -> None:
    shown = question.asked if reference.present else "Nothing"
    st.markdown(f"**Reference: {shown}**")
    mine = [] if answer.mark is None else [Box(answer.mark, "yours", "mark")]
    viewer(
        film,
        key="reference",
        boxes=[*true_boxes(reference), *mine],
        linked="reveal",
        parts="picture",
        height=HEIGHT,
    )
    place = " Green: the reference." if len(reference.boxes) else ""
    yours = " Blue: your mark." if answer.mark is not None else ""
    st.caption(literal(reference.known_by) + place + yours)


def the_model(case: Case, reference: Reference, question: Question) -> None:
    said, finding = case.prediction, question.stands_for
    index = said.findings.index(finding)
    probability, point = float(said.probabilities[index]), float(said.thresholds[index])
    called = question.asked if said.at_operating_point(finding) else "Nothing"
    st.markdown(f"**Model: {called}**")
    explanation = case.explanation(finding)
    peak = [Box(explanation.peak * 2, kind="peak")] if explanation.has_positive_evidence else []
    viewer(
        case.radiograph,
        key="model",
        case=case,
        finding=finding,
        boxes=[*true_boxes(reference), *peak],
        linked="reveal",
        scale=scale_of(case, finding, own=True),
        parts="picture",
        height=HEIGHT,
    )
    stands = "" if finding == question.asked else f" ({literal(finding)} stands for it)"
    told = (
        f"`{said.model_id}` gives {literal(question.asked)}{stands} {probability:.1%}, {said.side(finding)} "
        f"its operating point of {point:.1%}."
    )
    evidence = (
        " Cross: the highest point of its Grad-CAM."
        if peak
        else " Its Grad-CAM holds nothing that speaks for it."
    )
    muted = "" if said.at_operating_point(finding) else " Below the operating point the map is muted."
    st.caption(told + evidence + muted)


def shortcut(said: Prediction, finding: str, without: float) -> str:
    """Whether the answer depends on the letter that lies on the film."""
    index = said.findings.index(finding)
    probability, point = float(said.probabilities[index]), float(said.thresholds[index])
    told = (
        f"A marker or hardware lies on this film. With it painted out, the model gives {without:.2%} in "
        f"place of {probability:.2%}; its operating point is {point:.2%}. "
    )
    if (probability >= point) == (without >= point):
        return told + "Its prediction does not depend on it."
    return (
        f"{told}Here its answer depends on what is no disease. Close to the operating point a little is "
        "enough; a large step would point at a shortcut that the network has learned."
    )


def true_boxes(reference: Reference) -> list[Box]:
    return [Box(corners, kind="truth") for corners in reference.boxes.tolist()]


def scores(question: Question, done: Played) -> None:
    """Both answers to one film side by side."""
    st.markdown("**You and the model**", help=HOW)
    st.table(
        {
            " ": [
                "Says",
                "Probability",
                "Right",
                "Points at it",
                "IoU",
                "Brier",
            ],
            "You": column(question, done.reader),
            "Model": column(question, done.model),
        }
    )


def column(question: Question, score: Score | None) -> list[str]:
    if score is None:
        return ["refused"] + ["–"] * 5
    return [
        question.asked if score.present else "Nothing",
        f"{score.probability:.1%}",
        "yes" if score.right else "no",
        "–" if score.hit is None else "yes" if score.hit else "no",
        "–" if score.iou is None else f"{score.iou:.2f}",
        f"{score.brier:.3f}",
    ]


def running_totals(run: Run) -> None:
    """Both over all films that are done, and the scores as a file."""
    with st.container(border=True):
        title, button = st.columns([3, 1], vertical_alignment="center")
        title.markdown(f"**Over {len(run.played)} of {len(run.deck.questions)} films**", help=HOW)
        button.download_button(
            "Scores (CSV)",
            lambda: scores_csv(run.deck, run.played),
            f"scores-{run.deck.kind}-{run.deck.seed}.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/download:",
            width="stretch",
        )
        played = run.played.values()
        both = {
            "You": totals(one.reader for one in played),
            "Model": totals(one.model for one in played if one.model),
        }
        st.table(
            {" ": ["Right", "Points at it", "Mean IoU", "Mean Brier"]}
            | {
                who: [
                    f"{one.right} of {one.answered}",
                    f"{one.hits} of {one.places}",
                    "–" if one.iou is None else f"{one.iou:.2f}",
                    "–" if one.brier is None else f"{one.brier:.3f}",
                ]
                for who, one in both.items()
            }
        )
        st.caption("No name is requested, stored or written to the file.")
