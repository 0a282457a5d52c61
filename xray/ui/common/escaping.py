"""Text from outside, such as file names and labels, for places that interpret markup: Markdown and Plotly.

Both functions also remove characters that change the writing direction of the text around them.
"""

from __future__ import annotations

import re

DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# what Streamlit finds after unescaping: :smile:, :material/home:, and links without markup
FOUND_LATER = re.compile(r"(?<=:)(?=[\w+/-]+:)|(?<=http)(?=s?://)|(?<=www)(?=\.)|(?=@)", re.IGNORECASE)
PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;", "{": "&#123;"})
JOINER = "\u2060"  # invisible


def literal(text: str) -> str:
    """Escape text so that Markdown finds nothing to format, link or fetch (CommonMark 2.4), on one line."""
    return PUNCTUATION.sub(r"\\\1", FOUND_LATER.sub(JOINER, _one_line(text)))


def chart_text(text: str) -> str:
    """Escape text so that Plotly finds no tag, entity, formula or placeholder (%{x}) in it, on one line."""
    return _one_line(text).translate(ENTITIES)


def _one_line(text: str) -> str:
    return " ".join(DIRECTION.sub("", text).split())
