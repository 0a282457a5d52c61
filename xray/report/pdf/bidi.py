"""Hebrew and Arabic for a renderer that draws characters from left to right (Unicode UAX #9).

A run is the text from a right-to-left letter to the last one before a left-to-right letter, with the numbers
and closing brackets that follow. In a left-to-right paragraph it is reversed as a whole; other text stays as
it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from textwrap import wrap

from arabic_reshaper import ArabicReshaper
from bidi import get_display

LINE = 36  # characters of a run on one line; they fit into a column of the smallest text
MARKED = re.compile("([\u0591-\u05c7]+)([\u05d0-\u05ea])")  # Hebrew points before their letter
BRACKETS = {")": "(", "]": "[", "}": "{"}
MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
RESHAPER = ArabicReshaper({"support_ligatures": True, "delete_harakat": True})


def runs(text: str) -> Iterator[tuple[str, bool]]:
    """Split text into runs; True marks those that are read from right to left."""
    start = end = -1  # of the current right-to-left run
    done = 0
    for index, character in enumerate(text):
        kind = unicodedata.bidirectional(character)
        if kind in ("R", "AL"):
            start, end = (index if start < 0 else start), index + 1
        elif start >= 0 and _continues(kind, character, text[start:index], is_next=index == end):
            end = index + 1
        elif kind == "L" and start >= 0:
            yield from _split(text, done, start, end)
            done, start = end, -1
    if start >= 0:
        yield from _split(text, done, start, end)
        done = end
    if text[done:]:
        yield text[done:], False


def _split(text: str, done: int, start: int, end: int) -> Iterator[tuple[str, bool]]:
    if text[done:start]:
        yield text[done:start], False
    yield text[start:end], True


def _continues(kind: str, character: str, run: str, *, is_next: bool) -> bool:
    """Whether a character belongs to the run before it: numbers with their unit, marks, closing brackets."""
    if kind in ("EN", "AN", "NSM"):
        return True
    opening = BRACKETS.get(character)
    return is_next and (kind == "ET" or (opening is not None and run.count(opening) > run.count(character)))


def visual(run: str) -> str:
    """A right-to-left run with joined letters, in the order in which they are drawn."""
    visual = str(get_display(RESHAPER.reshape(run), base_dir="R"))
    return MARKED.sub(r"\2\1", visual.translate(MIRRORED))


def visual_lines(run: str) -> list[str]:
    """A right-to-left run as lines in reading order, each in the order in which it is drawn."""
    return [visual(line) for line in wrap(run, LINE, break_on_hyphens=False)]
