"""Parts of a lesson, and the film that lessons share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from xray.imaging.phantom import Phantom, chest_phantom
from xray.ui.learn.lessons.quiz import Quiz

MODEL = "findings-densenet121"  # its maps of phantoms have positive evidence


@dataclass(frozen=True)
class Lesson:
    """A lesson.

    Attributes:
        name: Name in the address of the page.
        title: heading.
        text: Three to six sentences.
        show: Shows the control and its result.
        notice: What to look for.
        paper: reference.
        questions: Two questions about the lesson.
    """

    name: str
    title: str
    text: str
    show: Callable[[], None]
    notice: str
    paper: str
    questions: tuple[Quiz, Quiz]


@cache
def chest() -> Phantom:
    """Simulate a chest with an opacity."""
    return chest_phantom(0, finding=True)
