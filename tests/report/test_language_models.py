"""Sentences of reports by language models, true and false, with the facts that they cite.

The models had the narrator's instructions, the facts and a request, and no knowledge of the checks. They
wrote reports, and altered sentences of these so that each contains one error. Each batch was stored before
the checks were run on it; then the checks were improved on it. When first checked, these numbers of false and
of true sentences were marked (in parentheses: by the checks before batch 1, which marked every unknown word):

1: (79 of 84, 75 of 147). 2: 56 of 60, 31 of 89 (58, 52). 3: 84 of 90, 26 of 175 (89, 79). 4: 83 of 90, 36 of
183 (88, 103). 5: 84 of 90, 23 of 166 (88, 97). A sentence that occurs twice is stored once.
"""

import json
from pathlib import Path

import pytest

from tests.report import planted
from xray.report.facts import facts
from xray.report.grounding import grounded
from xray.report.types import Fact, Sentence

CASES = {
    "chest": facts(planted.chest(), "Is there a fracture?", planted.checks(), "Pneumonia"),
    "quiet chest": facts(planted.quiet_chest(), "Is there a pneumothorax or a fracture?"),
    "adult": facts(
        planted.adult(),
        "Please describe the effusion and the heart size.",
        planted.adult_checks(),
        "Pneumonia",
    ),
    "bone": facts(planted.bone(), "Is there a fracture of the wrist?"),
    "bone without box": facts(planted.bone(boxes=0)),
}
SENTENCES = json.loads(Path(__file__).with_name("language_models.json").read_text(encoding="utf-8"))


def name(fact: Fact) -> str:
    return f"{fact.kind}: {fact.check or fact.finding}".removesuffix(": ")


def is_marked(case: str, cites: list[str], text: str) -> bool:
    numbers = {name(fact): fact.number for fact in CASES[case]}
    return bool(grounded(Sentence(text, "findings", tuple(numbers[one] for one in cites)), CASES[case]).flags)


@pytest.mark.parametrize(
    ("batch", "false", "true"),
    [
        (1, (83, 84), (2, 147)),
        (2, (59, 60), (0, 87)),
        (3, (85, 90), (9, 171)),
        (4, (83, 89), (9, 177)),
        (5, (84, 90), (13, 163)),
    ],
)
def test_the_numbers_of_marked_sentences(batch, false, true):
    for is_true, expected in ((False, false), (True, true)):
        found = [
            is_marked(row[1], row[3], row[4]) for row in SENTENCES if row[0] == batch and row[2] == is_true
        ]
        assert (sum(found), len(found)) == expected
