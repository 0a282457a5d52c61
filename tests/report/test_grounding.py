"""Planted lies are flagged, true sentences are not; both counted on sets written by hand."""

import pytest

from tests.report import planted
from tests.report.sentences import LIES, TRUTHS
from xray.report.draft import Sentence
from xray.report.facts import facts
from xray.report.grounding import grounded

CHEST = facts(planted.chest(), "Is there a fracture?", planted.checks(), "Pneumonia")


def checked(text: str, cites: list) -> Sentence:
    numbers = [one if isinstance(one, int) else cited(one) for one in cites]
    return grounded(Sentence(text, "findings", tuple(numbers)), CHEST)


def cited(words: str) -> int:
    return next(fact.number for fact in CHEST if words in fact.text)


@pytest.mark.parametrize(
    ("text", "cites"),
    [pytest.param(*lie, id=f"{kind}: {lie[0]}") for kind, some in LIES.items() for lie in some],
)
def test_a_planted_lie_is_flagged(text, cites):
    assert checked(text, cites).flags


@pytest.mark.parametrize(("text", "cites"), TRUTHS, ids=[text for text, _ in TRUTHS])
def test_a_true_sentence_is_not_flagged(text, cites):
    assert checked(text, cites).flags == ()
