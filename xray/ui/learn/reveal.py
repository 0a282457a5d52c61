"""Result of a film after the answer: reference, prediction with heatmap, scores of both, and totals."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from xray.errors import RefusedRadiograph
from xray.learn.deck import Played, Question, Seen, play, scores_csv
from xray.learn.reads import read
from xray.learn.scores import Answer, Measured, Reference, Score, absent, totals
from xray.types import Prediction, Radiograph
from xray.types.answer import percent
from xray.ui.common.cases import case_of
from xray.ui.common.escaping import literal
from xray.ui.common.keeping import keep_answer
from xray.ui.common.open_in_analyze import open_button
from xray.ui.learn.deck import Run
from xray.ui.learn.model import model_panel
from xray.ui.learn.second import revisions_table
from xray.ui.learn.why import verdict_on_map, why
from xray.ui.session import KEPT
from xray.ui.viewer import Box, viewer

HEIGHT = 420
HOW = (
    "**Correct**: the answer matches the reference; the model's answer is that at its operating point. "
    "**Hit**: the center of your mark, or the maximum of the model's map, lies inside the reference box "
    "(pointing game, arXiv:1608.00507). **IoU**: intersection over union of the reference box with your "
    "mark, or with the region of the map above half of its maximum. **Brier**: squared difference between "
    "the stated probability and the truth; 0 is best, and a guess of 50% gets 0.25."
)


def reveal(run: Run, number: int) -> DeltaGenerator:
    """Show reference, model and scores; return the container below the scores. Raises XrayError."""
    question, answer = run.deck.questions[number], run.answers[number]
    film, reference = run.film(number)
    refusal, case = "", None
    try:
        case = case_of(film, question.model_id)
    except RefusedRadiograph as error:
        refusal = str(error)
    if number not in run.played:
        with st.spinner("Scoring both …"):
            first, shown = run.first_answers.get(number, (None, ""))
            support = verdict_on_map(case, question.model_finding).support if first and case else ""
            run.played[number] = play(answer, reference, question, case, Seen(first, shown, support))
        keep_read(run, number, film)
    films, both = st.columns([2, 1], gap="medium")
    with films:
        finding = question.model_finding if case else ""
        viewer(film, key="reveal", case=case, finding=finding, linked="reveal", parts="controls")
        truth, model = st.columns(2, gap="medium")
    with truth:
        reference_panel(film, reference, answer, question)
    with model:
        if case is None:
            st.markdown("**The model**")
            st.warning(literal(refusal), icon=":material/front_hand:")
        else:
            model_panel(case, question, true_boxes(reference), linked="reveal", height=HEIGHT)
            key = f"{KEPT}learn:{film.sha256}"
            open_button(film, key, question.model_id, question.model_finding, name="film")
    done = run.played[number]
    with both:
        scores(question, done)
        below = st.container()
        if case is not None and done.without_markers is not None:
            effect = marker_effect(case.prediction, question.model_finding, done.without_markers)
            st.caption(f":material/text_fields: {effect}")
    with films:
        why(case, question, reference)
    return below


def keep_read(run: Run, number: int, film: Radiograph) -> None:
    """Add a film to the statistics and, if results are kept, to the history; not in a repetition."""
    if not run.first:
        done = run.reads[number] = read(run.deck, number, run.played[number], film.sha256)
        keep_answer(done.film, done.as_json())


def reference_panel(film: Radiograph, reference: Reference, answer: Answer, question: Question) -> None:
    """Show the film with the boxes of the reference and the reader's mark."""
    st.markdown(f"**Reference: {literal(reference.title(question.finding))}**")
    mine = [] if answer.mark is None else [Box(answer.mark, "yours", "mark")]
    viewer(
        film,
        key="reference",
        boxes=[*true_boxes(reference), *mine],
        linked="reveal",
        parts="picture",
        height=HEIGHT,
    )
    location = "Green: the reference. " if len(reference.boxes) else ""
    yours = "Blue: your mark." if answer.mark is not None else ""
    if location or yours:
        st.caption(location + yours)


def marker_effect(prediction: Prediction, finding: str, without: float) -> str:
    """State whether the prediction depends on a marker; `without` is the probability without it."""
    index = prediction.findings.index(finding)
    probability, point = float(prediction.probabilities[index]), float(prediction.thresholds[index])
    change = (
        f"The film shows a marker or hardware. With it painted out, the probability is "
        f"{percent(without)} instead of {percent(probability)}; the operating point is {percent(point)}. "
    )
    if (probability >= point) == (without >= point):
        return change + "The prediction does not depend on it."
    return (
        f"{change}Here the prediction depends on something that is not a disease. Close to the operating "
        "point a small change is enough; a large change would indicate a shortcut."
    )


def true_boxes(reference: Reference) -> list[Box]:
    """The boxes of a reference, for the viewer."""
    return [Box(corners, kind="truth") for corners in reference.boxes.tolist()]


def scores(question: Question, done: Played) -> None:
    """Show the scores of reader and model for one film."""
    st.markdown("**You and the model**", help=HOW)
    st.table(
        {
            " ": [
                "Answer",
                "Probability",
                "Correct",
                "Hit",
                "IoU",
                "Brier",
            ],
            **({"You, first": column(question, done.first)} if done.first else {}),
            "You": column(question, done.reader),
            "Model": column(question, done.model),
        }
    )


def column(question: Question, score: Score | None) -> list[str]:
    """Format a score as a column of the table."""
    if score is None:
        return ["refused"] + ["–"] * 5
    return [literal(question.finding if score.present else absent(question.finding)), *score_values(score)]


def score_values(score: Measured) -> list[str]:
    """Format all of a score but the answer: probability, correct, hit, IoU and Brier score."""
    return [
        percent(score.probability),
        "yes" if score.correct else "no",
        "–" if score.hit is None else "yes" if score.hit else "no",
        "–" if score.iou is None else f"{score.iou:.2f}",
        f"{score.brier:.3f}",
    ]


def running_totals(run: Run) -> None:
    """Show the totals over all answered films, and offer the scores as a file."""
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
            "You": totals(score.reader for score in played),
            "Model": totals(score.model for score in played if score.model),
        }
        st.table(
            {" ": ["Correct", "Hits", "Mean IoU", "Mean Brier"]}
            | {
                who: [
                    f"{total.correct} of {total.answered}",
                    f"{total.hits} of {total.places}",
                    "–" if total.iou is None else f"{total.iou:.2f}",
                    "–" if total.brier is None else f"{total.brier:.3f}",
                ]
                for who, total in both.items()
            }
        )
        revisions_table(run)
        st.caption("The file contains no names.")
