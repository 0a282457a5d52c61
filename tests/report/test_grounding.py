"""Planted false sentences are flagged and true ones are not, counted on hand-written sets."""

import pytest

from tests.report import planted
from tests.report.false_sentences import LIES
from tests.report.held_out import FALSE, TRUE
from tests.report.true_sentences import TRUTHS
from xray.models.registry import entries, entry
from xray.report import report
from xray.report.facts import facts
from xray.report.grounding import grounded
from xray.report.types import Sentence

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
def test_a_planted_false_sentence_is_flagged(text, cites):
    assert checked(text, cites).flags


@pytest.mark.parametrize(("text", "cites"), TRUTHS, ids=[text for text, _ in TRUTHS])
def test_a_true_sentence_is_not_flagged(text, cites):
    assert checked(text, cites).flags == ()


def test_a_flag_states_the_facts():
    flags = checked("Effusion is present with 84.7%.", ["Effusion:"]).flags
    assert "No cited fact contains 84.7% for Effusion." in flags
    assert "It claims “present” about Effusion; the cited facts state “absent”." in flags
    assert checked("Tuberculosis.", ["Mass:"]).flags == ("No cited fact mentions tuberculosis.",)
    assert checked("Mass has 95.2%.", []).flags == ("It cites no fact.",)


def test_citations_in_brackets_are_read():
    number = cited("Mass:")
    sentence = checked(f"Mass has a probability of 95.2% [{number}].", [])
    assert (sentence.text, sentence.cites, sentence.flags) == (
        "Mass has a probability of 95.2%.",
        (number,),
        (),
    )


@pytest.mark.parametrize(
    "case", [planted.chest(), planted.bone(), planted.bone(boxes=0)], ids=["chest", "box", "no box"]
)
@pytest.mark.parametrize("prompt", ["", "Mass, effusion and fractures, please."])
def test_no_sentence_of_the_template_is_flagged(case, prompt):
    told = report(case, "template", prompt, checks=planted.checks())
    assert told.sentences
    assert told.flagged == ()


@pytest.mark.parametrize("model", [one.id for one in entries()])
def test_nor_of_any_registered_model(model):
    """Every model's names and findings, all at once above their operating points and all below."""
    for values in ({}, dict.fromkeys(entry(model).findings, (0.9, (0.8, 0.95), 0.5, 0.05, 0.5))):
        said = planted.prediction(model, values)
        case = planted.chest(prediction=said, explanations=tuple(map(planted.raw_map, said.findings)))
        told = report(case, "template")
        assert [(one.text, one.flags) for one in told.flagged] == []


# of held-out sentences that were marked wrongly at first: text, cited fact, whether it is false
VARIANTS = [
    ("Eleven of the 15 findings stay below their operating points.", "of 15 findings", True),
    ("12 of 15 findings are above their operating points.", "of 15 findings", True),
    ("12 of 15 findings lie below their operating points.", "of 15 findings", False),
    ("The model cannot tell whether Mass is present.", "Mass:", True),
    ("The model cannot say whether Edema is present or absent.", "Edema:", False),
    ("Mass may also be absent.", "Mass:", True),
    ("Edema may still be absent.", "Edema:", False),
    ("The Randomization check showed that the map depends on the model.", "check Randomization", True),
    ("The Location check confirmed that the map lies on the finding.", "check Location", True),
    ("The Deletion check showed that hiding pixels lowers the logit by 0.42.", "check Deletion", False),
    ("Small changes of the film move the probability of Mass to 99.1%.", "Mass:", True),
    ("Slight changes of the image shift the probability of Mass between 93.1% and 96.7%.", "Mass:", False),
    ("A small mass is present.", "Mass:", True),
    ("The patient was referred to the image archive.", "Earlier films", True),
    ("Edema spans both lungs.", "Edema:", True),
]


@pytest.mark.parametrize(("text", "cites", "is_false"), VARIANTS, ids=[text for text, *_ in VARIANTS])
def test_variants_of_sentences_that_were_marked_wrongly(text, cites, is_false):
    assert bool(checked(text, [cites]).flags) == is_false


@pytest.mark.parametrize(("text", "cites"), FALSE, ids=[text for text, _ in FALSE])
def test_a_false_sentence_of_the_second_batch_is_flagged(text, cites):
    assert checked(text, cites).flags


@pytest.mark.parametrize(("text", "cites"), TRUE, ids=[text for text, _ in TRUE])
def test_a_true_sentence_of_the_second_batch_is_not_flagged(text, cites):
    assert checked(text, cites).flags == ()
