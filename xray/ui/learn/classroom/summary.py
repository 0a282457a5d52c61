"""Statistics of a class over all its films, and their download."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from xray.learn.classroom.export import class_csv
from xray.learn.classroom.statistics import Outcome, class_totals
from xray.learn.deck import Deck
from xray.learn.scores import absent
from xray.ui.common.escaping import literal


def summary(deck: Deck, outcomes: Sequence[Outcome]) -> None:
    """Show the totals of students, class and model, and a row for each film."""
    total = class_totals(outcomes)
    students, model = total.students, total.model
    both, download = st.columns([3, 2], gap="large")
    with both:
        st.table(
            {
                " ": ["Correct", "Hits", "Mean IoU", "Mean Brier"],
                "Students": [
                    f"{students.correct} of {students.answered}",
                    f"{students.hits} of {students.places}",
                    number(students.iou, 2),
                    number(students.brier, 3),
                ],
                "Class": [
                    f"{total.majority} of {total.films}",
                    f"{total.crowd_hits} of {total.places}",
                    number(total.crowd_iou, 2),
                    number(total.crowd_brier, 3),
                ],
                "Model": [
                    f"{model.correct} of {model.answered}",
                    f"{model.hits} of {model.places}",
                    number(model.iou, 2),
                    number(model.brier, 3),
                ],
            }
        )
    with download:
        st.caption(
            "Students: over all answers. Class: the majority, the place that most marks cover and the mean "
            "probability, as one reader, over the answered films. Model: over all films. The deck is chosen "
            "to contain errors of the model, so its figures do not describe its performance."
        )
        st.download_button(
            "Answers (CSV)",
            class_csv(deck, outcomes),
            f"class-{deck.kind}-{deck.seed}.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/download:",
            width="stretch",
        )
        st.caption("The file contains random numbers in place of names.")
    st.dataframe(list(map(film_row, outcomes)), hide_index=True)


def film_row(outcome: Outcome) -> dict[str, str | int]:
    """One film as a row: how many students are correct, the class and the model."""
    scores, crowd, model = outcome.students.values(), outcome.crowd, outcome.model
    majority = crowd.majority if crowd else None
    named = {None: "Tie" if crowd else "–", True: outcome.finding, False: absent(outcome.finding)}
    hits = sum(bool(score.hit) for score in scores)
    return {
        "Film": outcome.number + 1,
        "Question": outcome.finding,
        "Reference": outcome.reference.title(outcome.finding),
        "Students correct": f"{sum(score.correct for score in scores)} of {len(scores)}",
        "Marks in the box": f"{hits} of {len(outcome.marks)}" if outcome.reference.has_place else "–",
        "Majority": named[majority],
        "Mean": f"{crowd.probability:.0%}" if crowd else "–",
        "Model": "refused" if model is None else named[model.present],
        "Model's probability": "–" if model is None else f"{model.probability:.0%}",
    }


def number(value: float | None, digits: int) -> str:
    """Format a mean; a dash without one."""
    return "–" if value is None else literal(f"{value:.{digits}f}")
