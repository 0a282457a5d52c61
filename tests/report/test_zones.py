"""The zone of a map's highest point in the report: in the right facts, and checked in edited sentences."""

from dataclasses import replace

import pytest

from tests.lungs import planted_lungs
from tests.report import planted
from xray.report import facts, report
from xray.report.grounding import grounded
from xray.report.types import Sentence
from xray.types import Lungs

SHAPE = (planted.SIDE, planted.SIDE)
# the lungs of the planted film lie at (94, 141) and (206, 141); the map of Edema peaks at (150, 150)
IN_LUNG = replace(planted.raw_map("Mass"), to_source=planted.Affine(10.0, 0.0, 69.0, 0.0, 10.0, 55.0))


def case_with(lungs: Lungs | None):
    case = planted.chest(lungs=lungs)
    maps = tuple(IN_LUNG if one.finding == "Mass" else one for one in case.explanations)
    return replace(case, explanations=maps)


def sentence(case, finding: str) -> str:
    return next(fact.text for fact in facts(case) if fact.kind == "map" and fact.finding == finding)


def test_a_map_is_highest_in_a_zone_or_outside_the_lungs():
    case = case_with(planted_lungs(SHAPE))
    assert sentence(case, "Mass") == (
        "The Grad-CAM map for Mass is highest at the upper left of the image, in the right upper zone "
        "(x 94, y 80 pixels)."
    )
    assert ", outside the lungs (x 50, y 50 pixels)." in sentence(case, "Pneumonia")
    assert "meaning of zones" in [fact.kind for fact in facts(case)]


def test_without_determined_lungs_the_report_names_thirds_of_the_image_only():
    for lungs in (None, Lungs.undetermined(SHAPE, "No lung was found on the left of the image.")):
        case = case_with(lungs)
        assert "zone" not in sentence(case, "Mass")
        assert "outside the lungs" not in sentence(case, "Pneumonia")
        assert "meaning of zones" not in [fact.kind for fact in facts(case)]
    texts = [fact.text for fact in facts(case)]
    assert "No zones of the lungs are given. No lung was found on the left of the image." in texts


@pytest.mark.parametrize("lungs", [planted_lungs(SHAPE), Lungs.undetermined(SHAPE, "No lung was found.")])
def test_no_sentence_of_the_template_about_lungs_is_flagged(lungs):
    assert report(case_with(lungs), "template").flagged == ()


@pytest.mark.parametrize(
    ("text", "flagged"),
    [
        ("The map for Mass is highest in the right upper zone.", False),
        ("The map for Mass peaks in the right upper zone (x 94, y 80 pixels).", False),
        ("The map for Mass is highest in the right lower zone.", True),
        ("The map for Mass is highest in the left upper zone.", True),
        ("The map for Mass is highest outside the lungs.", True),
        ("The map for Mass is highest in the right lung.", True),
    ],
)
def test_an_edited_sentence_may_name_only_the_measured_zone(text, flagged):
    every = facts(case_with(planted_lungs(SHAPE)))
    number = next(fact.number for fact in every if fact.kind == "map" and fact.finding == "Mass")
    assert bool(grounded(Sentence(text, "explanation", (number,)), every).flags) is flagged
