"""The questions at the end of a lesson; the explanation appears with the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True)
class Quiz:
    """A question with one right option.

    Attributes:
        text: The question.
        options: Possible answers, in the order shown.
        right: Index of the right one.
        why: Explanation of the right answer.
    """

    text: str
    options: tuple[str, ...]
    right: int
    why: str


def ask(lesson: str, questions: Sequence[Quiz]) -> None:
    """Show the questions of a lesson, and an explanation below each answer."""
    st.markdown("**Two questions**")
    for number, (column, quiz) in enumerate(zip(st.columns(2, gap="medium"), questions, strict=True), 1):
        with column.container(border=True, height="stretch"):
            chosen = st.radio(quiz.text, quiz.options, index=None, key=f"quiz:{lesson}:{number}")
            if chosen is None:
                continue
            if quiz.options.index(chosen) == quiz.right:
                st.success(f"Right. {quiz.why}", icon=":material/check:")
            else:
                st.error(
                    f"The right answer is: {quiz.options[quiz.right]}. {quiz.why}", icon=":material/close:"
                )
