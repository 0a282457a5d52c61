"""Report practice: sentences that a student writes about a film, checked against the measured facts."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from xray.errors import InvalidRequest
from xray.learn.simulated import Recipe
from xray.report.facts import facts
from xray.report.grounding import grounded
from xray.report.types import Report, Sentence
from xray.types import Case

MODEL, FINDING = "pneumonia-mobilenet", "Pneumonia"
MAX_SENTENCES, MAX_CHARACTERS = 4, 400
FIRST_SEED, FILMS = 30_000, 1000  # chests of no deck
END = re.compile(r"(?<=[.!?])\s+|\n+")  # of a sentence; not the point of 84.7%


def practice_film(number: int) -> Recipe:
    """A simulated chest by its number from 1; half of the films have an opacity."""
    seed = FIRST_SEED + number
    return Recipe("chest", seed, finding=bool(np.random.default_rng([seed, 4]).integers(2)))


def sentences(text: str) -> list[str]:
    """Split a text into sentences.

    Raises:
        InvalidRequest: If there is no sentence, or more than the practice allows.
    """
    found = [part.strip() for part in END.split(text) if re.search(r"\w", part)]
    if not found:
        raise InvalidRequest("There is no sentence to check.", hint="Write two sentences about the film.")
    if len(found) > MAX_SENTENCES or len(text) > MAX_CHARACTERS:
        raise InvalidRequest(
            f"The text has {len(found)} sentences and {len(text)} characters.",
            hint=f"Write two sentences, at most {MAX_SENTENCES} and {MAX_CHARACTERS} characters.",
        )
    return found


def checked_text(case: Case, text: str) -> Report:
    """Check a student's sentences against all facts of a Case.

    A student cites no facts, so each sentence may rest on any of them, and the flags speak of measured facts.

    Args:
        case: The analyzed film.
        text: Two sentences.

    Raises:
        InvalidRequest: See sentences().
    """
    known = facts(case)
    numbers = tuple(fact.number for fact in known)
    marked = [grounded(Sentence(part, "findings", numbers), known) for part in sentences(text)]
    worded = (
        replace(sentence, flags=tuple(flag.replace("cited fact", "measured fact") for flag in sentence.flags))
        for sentence in marked
    )
    return Report("student", "", known, tuple(worded))
