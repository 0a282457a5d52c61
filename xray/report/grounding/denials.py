"""Whether a sentence without any other claim denies just what its facts deny."""

from __future__ import annotations

import re
from collections.abc import Iterator

from xray.report.grounding.vocabulary import NEGATIONS, stem, words

COMMON = set(
    map(stem, ("is", "are", "was", "were", "be", "been", "it", "its", "a", "an", "the", "to", "of", "in"))
)
COMMON |= {"for", "and", "or"}


def turned_around(text: str, allowed: str) -> Iterator[str]:
    """A sentence without any claim that is known denies just what its facts deny."""
    own, told = _denied(text), _denied(allowed)
    said = {stem(word) for word in words(text)}
    if own and not told:
        yield "It denies what its facts state."
    elif not own and any(scope & said for scope in told):
        yield "It states what its facts deny."
    elif any(scope and not any(scope & other for other in told) for scope in own):
        yield "It denies something else than its facts."


def _denied(text: str) -> list[set[str]]:
    """What follows each negation in the same breath: stems of up to four words, the commonest left out."""
    denials = {stem(word) for word in NEGATIONS}
    scopes = []
    for breath in re.split(r"[.;:](?:\s|$)", text):
        said = words(breath)
        for place, word in enumerate(said):
            if stem(word) in denials or word.endswith("n't"):
                scopes.append({stem(one) for one in said[place + 1 : place + 5]} - COMMON - denials)
    return scopes
