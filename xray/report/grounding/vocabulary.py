"""Words that a sentence may use: the words of the cited facts, their synonyms, and plain words.

Plain words state nothing alone. Of other words, names and those that say something about a patient, a size,
a change or a quality (clinical.txt) are always reported, and the rest if there are several, as in another
language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from xray.report.grounding.quantities import NUMERALS
from xray.report.types import Fact


def _listed(name: str) -> list[str]:
    return Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()


PLAIN = frozenset(" ".join(_listed("vocabulary.txt")).split())
CLINICAL = frozenset(" ".join(_listed("clinical.txt")).split())
DENIES = ("meaning of intervals", "meaning of maps")  # facts that state what does not follow
TOLERATED = 1  # unknown words of a sentence without a clinical meaning
# a line is a group; its words are supported if a cited fact has one of them
SYNONYMS = [frozenset(line.split()) for line in _listed("synonyms.txt")]
NEGATIONS = {
    "not", "no", "nor", "neither", "never", "nobody", "without", "cannot", "none", "nothing", "unknown",
    "unable", "lack", "lacks", "lacking", "instead", "rather", "unavailable", "unchecked", "mistake",
    "mistaken", "misread",
}  # fmt: skip
WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*|\w*\d\w*(?:[-.]\w+)*", re.UNICODE)
CAPITAL = re.compile(r"(?<=[^.:;!?]\s)[A-Z][\w'’-]*|\b[A-Z]{2,}\b")  # names and acronyms
SCOPE = 9  # words after a negation that it may apply to


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


SYNONYM_STEMS = [frozenset(map(stem, group)) for group in SYNONYMS]
PLAIN_STEMS = frozenset(map(stem, PLAIN))
CLINICAL_STEMS = frozenset(map(stem, CLINICAL))
NEGATION_STEMS = frozenset(map(stem, NEGATIONS))
FUNCTION_WORDS = (
    "is are was were be been it its a an the to of in for and or as than where whether how that this only "
    "show shows"
)
FUNCTION_STEMS = frozenset(map(stem, FUNCTION_WORDS.split()))


def unsupported_words(sentence: str, allowed: str, names: Iterable[str] = ()) -> list[str]:
    """Words of a sentence that are neither plain nor in the allowed text, each once.

    Up to TOLERATED words without a clinical meaning are left out.

    Args:
        sentence: The sentence.
        allowed: The text of the cited facts.
        names: Names of findings and checks, which are never left out.
    """
    stems = with_synonyms({stem(part) for word in words(allowed) for part in (word, *word.split("-"))})
    stems |= PLAIN_STEMS
    found = []
    for word in words(sentence):
        parts = [word] if stem(word) in stems else word.split("-")
        if any(part and stem(part) not in stems for part in parts) and word not in found:
            found.append(word)
    never = CLINICAL_STEMS.union(stem(word) for name in names for word in words(name))
    capitals = {match.group().lower() for match in CAPITAL.finditer(sentence)}
    serious = [
        word
        for word in found
        if word in capitals or any(stem(part) in never for part in (word, *word.split("-")))
    ]
    return found if len(found) - len(serious) > TOLERATED else serious


def with_synonyms(stems: set[str]) -> set[str]:
    """The stems and those of their synonyms."""
    return stems.union(*(group for group in SYNONYM_STEMS if group & stems))


def changed_negations(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Report negations of a sentence that differ from those of the facts that it cites."""
    scopes = _negated(text)
    if scopes and any(fact.kind == "map verdict" and "cannot tell" in fact.states for fact in facts):
        return
    allowed = [
        with_synonyms(scope) for fact in facts for scope in _negated(fact.text, whole=fact.kind not in DENIES)
    ]
    if scopes and not allowed:
        yield "It denies what the cited facts state."
    elif any(states_denied(text, fact.text) for fact in facts):
        yield "It states what the cited facts deny."
    elif all(fact.kind in DENIES for fact in facts):  # further conclusions may be denied, the fact may not
        stated = {stem(word) for fact in facts for word in words(fact.text)} - FUNCTION_STEMS
        stated = stated.difference(*allowed)
        if any(scope & stated and not any(scope & other for other in allowed) for scope in scopes):
            yield "It denies what the cited facts state."
    elif any(scopes) and not any(scope & other for scope in scopes for other in allowed):
        yield "It denies something other than the cited facts."


def states_denied(text: str, fact: str) -> bool:
    """Whether a sentence without any negation has words that a fact denies."""
    stems = {stem(word) for word in words(text)}
    return not _negated(text) and any(with_synonyms(scope) & stems for scope in _negated(fact))


def _negated(text: str, *, whole: bool = False) -> list[set[str]]:
    """Stems that each negation applies to, without function words: those after it, or the whole clause."""
    scopes = []
    for clause in re.split(r"[.;:](?:\s|$)", text):
        found = words(clause)
        for place, word in enumerate(found):
            if word in NEGATIONS or word.endswith("n't"):
                scope = {stem(other) for other in (found if whole else found[place + 1 : place + 1 + SCOPE])}
                scopes.append(scope - FUNCTION_STEMS - NEGATION_STEMS)
    return scopes
