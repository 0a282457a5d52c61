"""The practice part of the Learn page: a film, an answer, then the reference and the model."""

from __future__ import annotations

import streamlit as st

from xray.learn.deck import Deck
from xray.learn.scores import Answer, Box
from xray.types import Radiograph
from xray.ui.learn.deck import Run, chosen_run
from xray.ui.learn.reveal import reveal, running_totals
from xray.ui.viewer import draw_rectangles

NOTHING = "Nothing"


def practice() -> None:
    """Raises XrayError."""
    chosen = chosen_run()
    if chosen is None:
        return
    run, name = chosen
    st.caption(run.deck.about)
    number = chosen_film(run, name)
    if number in run.answers:
        with reveal(run, number):
            going_on(run, name, number)
    else:
        ask(run, name, number)
    if run.played:
        running_totals(run)


def chosen_film(run: Run, name: str) -> int:
    """Which film of the deck is looked at."""
    return st.segmented_control(
        "Film",
        range(len(run.deck.questions)),
        format_func=lambda index: f"{index + 1}" + (" :material/check:" if index in run.answers else ""),
        default=0,
        required=True,
        key=f"film of:{name}",
        persist_state="session",
        label_visibility="collapsed",
    )


def ask(run: Run, name: str, number: int) -> None:
    """The film alone, and the answer to commit to."""
    asked = run.deck.questions[number].asked
    film, _ = run.film(number)
    picture, answer = st.columns([5, 3], gap="medium")
    with picture:
        mark = marked(film, f"mark:{name}:{number}")
    with answer:
        st.markdown(f"**Film {number + 1} of {len(run.deck.questions)}.** {asked}, or nothing?")
        said = st.segmented_control(
            "Your answer",
            [asked, NOTHING],
            key=f"answer:{name}:{number}",
            persist_state="session",
        )
        sure = st.slider(
            "How sure are you?",
            50,
            100,
            75,
            5,
            format="%d%%",
            key=f"sure:{name}:{number}",
            persist_state="session",
            help="50% is a guess. The Brier score rewards a confidence that is neither too high nor too low.",
        )
        if said != NOTHING:
            st.caption(
                "Your mark is on the film; the last mark counts."
                if mark
                else f"Draw a rectangle where you see it; without a mark, the {asked.lower()} is not located."
            )
        st.button(
            "Commit",
            type="primary",
            icon=":material/lock:",
            width="stretch",
            disabled=said is None,
            on_click=commit,
            args=(run, number, Answer(said == asked, sure / 100, mark if said == asked else None)),
        )
        st.caption("An answer cannot be changed. The model is shown after it.")


def marked(film: Radiograph, key: str) -> Box | None:
    """The rectangle that the reader draws on the film, in source pixels; the last one of several."""
    rectangles = draw_rectangles(film, key).tolist()
    if not rectangles:
        return None
    left, top, right, bottom = rectangles[-1]
    return left, top, right, bottom


def commit(run: Run, number: int, answer: Answer) -> None:
    run.answers.setdefault(number, answer)


def going_on(run: Run, name: str, number: int) -> None:
    """A button to the next film that is not answered."""
    left = [index for index in range(len(run.deck.questions)) if index not in run.answers]
    if not left:
        st.success(f"The deck is complete. {another(run.deck)}", icon=":material/check_circle:")
        return
    following = next((index for index in left if index > number), left[0])
    st.button(
        "Next film",
        type="primary",
        icon=":material/arrow_forward:",
        width="stretch",
        on_click=st.session_state.__setitem__,
        args=(f"film of:{name}", following),
    )


def another(deck: Deck) -> str:
    return f"A seed other than {deck.seed} gives another one."
