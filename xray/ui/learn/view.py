"""Practice: the reader answers a question about a film, then sees the reference and the model."""

from __future__ import annotations

import streamlit as st

from xray.learn.scores import Answer, Box, absent
from xray.learn.second import Shown
from xray.types import Radiograph
from xray.ui.common.escaping import literal
from xray.ui.learn.deck import Run, chosen_run
from xray.ui.learn.reveal import reveal, running_totals
from xray.ui.learn.second import second_panel, shown_choice, shown_with
from xray.ui.viewer import draw_rectangles


def practice() -> None:
    """Show the chosen deck: a question, or the result after the answer. Raises XrayError."""
    chosen = chosen_run()
    if chosen is None:
        return
    run, name = chosen
    st.caption(literal(run.deck.about))
    if run.first:
        st.button("Back to the whole deck", icon=":material/arrow_back:", on_click=run.leave)
    choice = shown_choice()
    number = chosen_film(run, name)
    if number in run.answers:
        with reveal(run, number):
            next_film(run, name, number)
    elif number in run.first_answers:
        second_panel(run, name, number)
    else:
        question_panel(run, name, number, shown_with(run, number, choice))
    if run.played:
        running_totals(run)


def chosen_film(run: Run, name: str) -> int:
    """Show the numbers of the films; return the chosen one."""
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


def question_panel(run: Run, name: str, number: int, shown: Shown | None) -> None:
    """Show a film without any result, and the controls for the answer; `shown` is shown of the model next."""
    finding = run.deck.questions[number].finding
    film, _ = run.film(number)
    picture, controls = st.columns([5, 3], gap="medium")
    with picture:
        mark = marked(film, f"mark:{name}:{number}")
    with controls:
        st.markdown(
            f"**Film {number + 1} of {len(run.deck.questions)}.** {literal(finding)}: present or absent?"
        )
        answer = st.segmented_control(
            "Your answer",
            [finding, absent(finding)],
            format_func=literal,
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
        if answer != absent(finding):
            st.caption(
                "Your mark is on the film; the last mark counts."
                if mark
                else f"Draw a rectangle around the {literal(finding.lower())}; without it, "
                "the answer is no hit."
            )
        st.button(
            "Commit",
            type="primary",
            icon=":material/lock:",
            width="stretch",
            disabled=answer is None,
            on_click=commit,
            args=(
                run,
                number,
                Answer(answer == finding, sure / 100, mark if answer == finding else None),
                shown,
            ),
        )
        st.caption(
            "You can revise your answer when you have seen the model."
            if shown
            else "Answers are final. The prediction of the model is shown afterwards."
        )


def marked(film: Radiograph, key: str) -> Box | None:
    """Return the last rectangle that the reader drew on the film, in source pixels."""
    rectangles = draw_rectangles(film, key).tolist()
    if not rectangles:
        return None
    left, top, right, bottom = rectangles[-1]
    return left, top, right, bottom


def commit(run: Run, number: int, answer: Answer, shown: Shown | None) -> None:
    """Store an answer, as the first of two if the model is shown next; another one is ignored."""
    if shown is None:
        run.answers.setdefault(number, answer)
    else:
        run.first_answers.setdefault(number, (answer, shown))


def next_film(run: Run, name: str, number: int) -> None:
    """Show a button that leads to the next unanswered film, or a message if there is none."""
    left = [index for index in range(len(run.deck.questions)) if index not in run.answers]
    if not left:
        complete(run)
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


def complete(run: Run) -> None:
    """Show that all films are answered, and offer to repeat the missed ones."""
    missed = sum(film.reader.missed for film in run.played.values())
    st.success("The deck is complete.", icon=":material/check_circle:")
    if missed:
        films = "film" if missed == 1 else f"{missed} films"
        st.button(
            f"Repeat the missed {films}",
            type="primary",
            icon=":material/replay:",
            width="stretch",
            on_click=run.repeat,
        )
