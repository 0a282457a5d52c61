"""Words that a sentence may use: plain words, which state nothing alone, and the words of the cited facts.

Every other word is reported, so that additions of a language model are found without a list of errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from xray.report.grounding.quantities import NUMERALS

PLAIN = frozenset(Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").split())
NEGATIONS = {
    "not", "no", "nor", "neither", "never", "without", "cannot", "none", "nothing", "unknown", "unable",
    "lack",
}  # fmt: skip
WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*|\w*\d\w*(?:[-.]\w+)*", re.UNICODE)
SCOPE = 4  # words after a negation that it applies to


def words(text: str) -> list[str]:
    """Words in lower case; hyphenated words stay whole, plain figures are left out."""
    found = (match.group().lower().replace("’", "'") for match in WORD.finditer(text))
    return [word for word in found if not _is_figure(word)]


def _is_figure(word: str) -> bool:
    return word in NUMERALS or bool(re.fullmatch(r"[\d.-]+(?:px|mm|x\d+)?|x\d+|y\d+", word))


def stem(word: str) -> str:
    """Remove common endings, so that most forms of a word have the same stem."""
    word = re.sub(r"'s?$|n't$", "", word)
    for ending in ("ies", "ing", "ed", "es", "s", "ly", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word


PLAIN_STEMS = frozenset(map(stem, PLAIN))
NEGATION_STEMS = frozenset(map(stem, NEGATIONS))
FUNCTION_WORDS = "is are was were be been it its a an the to of in for and or"
FUNCTION_STEMS = frozenset(map(stem, FUNCTION_WORDS.split()))


def unsupported_words(sentence: str, allowed: str) -> list[str]:
    """Words of a sentence that are neither plain nor in the allowed text, each once."""
    stems = {stem(part) for word in words(allowed) for part in (word, *word.split("-"))} | PLAIN_STEMS
    found = []
    for word in words(sentence):
        parts = [word] if stem(word) in stems else word.split("-")
        if any(part and stem(part) not in stems for part in parts) and word not in found:
            found.append(word)
    return found


def changed_negations(text: str, allowed: str) -> Iterator[str]:
    """Report negations of a sentence that differ from those of the allowed text."""
    scopes, allowed_scopes = _negated(text), _negated(allowed)
    stems = {stem(word) for word in words(text)}
    if scopes and not allowed_scopes:
        yield "It denies what the cited facts state."
    elif not scopes and any(scope & stems for scope in allowed_scopes):
        yield "It states what the cited facts deny."
    elif any(scope and not any(scope & other for other in allowed_scopes) for scope in scopes):
        yield "It denies something other than the cited facts."


def _negated(text: str) -> list[set[str]]:
    """Stems within the scope of each negation, without function words."""
    scopes = []
    for clause in re.split(r"[.;:](?:\s|$)", text):
        found = words(clause)
        for place, word in enumerate(found):
            if stem(word) in NEGATION_STEMS or word.endswith("n't"):
                scope = {stem(other) for other in found[place + 1 : place + 1 + SCOPE]}
                scopes.append(scope - FUNCTION_STEMS - NEGATION_STEMS)
    return scopes
