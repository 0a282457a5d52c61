"""Words that come from outside, such as file names, shown as they are."""

import re

PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def literal(text: str) -> str:
    """Text in which Markdown finds nothing to format, link or fetch (CommonMark 2.4)."""
    return PUNCTUATION.sub(r"\\\1", text)
