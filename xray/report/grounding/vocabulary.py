"""The words that any sentence of a report may use: they say nothing by themselves. What else a sentence says
must be said by the facts it cites, so that whatever a language model adds is found without a list of lies.
"""

from __future__ import annotations

import re
from pathlib import Path

from xray.report.grounding.quantities import NUMERALS

PLAIN = frozenset(Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").split())
NEGATIONS = {
    "not", "no", "nor", "neither", "never", "without", "cannot", "none", "nothing", "unknown", "unable",
    "lack",
}  # fmt: skip
WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*|\w*\d\w*(?:[-.]\w+)*", re.UNICODE)


def words(text: str) -> list[str]:
    """Words in lower case, hyphened ones whole; tokens with digits and letters too, plain figures not."""
    found = (match.group().lower().replace("’", "'") for match in WORD.finditer(text))
    return [word for word in found if not _is_figure(word)]


def _is_figure(word: str) -> bool:
    return word in NUMERALS or bool(re.fullmatch(r"[\d.-]+(?:px|mm|x\d+)?|x\d+|y\d+", word))


def stem(word: str) -> str:
    """A word without its commonest endings, the same for the forms of most words."""
    word = re.sub(r"'s?$|n't$", "", word)
    for ending in ("ies", "ing", "ed", "es", "s", "ly", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word


PLAIN_STEMS = frozenset(map(stem, PLAIN))


def strange(sentence: str, allowed: str) -> list[str]:
    """The words of a sentence that are neither plain nor in the allowed text, each once."""
    stems = {stem(part) for word in words(allowed) for part in (word, *re.split("-", word))}
    found = []
    for word in words(sentence):
        parts = [word] if stem(word) in stems | PLAIN_STEMS else re.split("-", word)
        if any(part and stem(part) not in stems | PLAIN_STEMS for part in parts) and word not in found:
            found.append(word)
    return found
