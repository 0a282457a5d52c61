"""Facts against planted figures and hand-written sentences."""

import re

import numpy as np
import pytest

from tests.report import planted
from xray.models.registry import entries
from xray.report import facts, report
from xray.report.contents import weaknesses
from xray.report.image_regions import in_words, region
from xray.report.sentences import percent
from xray.report.text import as_text
from xray.settings import settings
from xray.types import GateResult


def texts(case, **more) -> list[str]:
    return [fact.text for fact in facts(case, **more)]


def test_the_fact_of_a_finding_has_its_figures():
    fact = next(one for one in facts(planted.chest()) if one.text.startswith("Pneumonia:"))
    assert fact.text == (
        "Pneumonia: calibrated probability 84.7% (interval 79.2% to 89.1%), at or above its operating point "
        "of 31.5%; at 90% coverage the answer is present."
    )
    assert {role: value for role, value in fact.values.items() if isinstance(value, float)} == pytest.approx(
        {"probability": 0.847, "low": 0.792, "high": 0.891, "operating point": 0.315, "coverage": 0.9}
    )
    assert fact.states == ("above", "present")
    assert fact.interval == pytest.approx((0.792, 0.891))


@pytest.mark.parametrize("case", [planted.chest(), planted.bone()], ids=["chest", "bone"])
def test_facts_are_numbered_from_one_and_contain_no_file_name(case):
    every = facts(case, "Is there a fracture?", planted.checks())
    assert [fact.number for fact in every] == list(range(1, len(every) + 1))
    assert not any("Doe" in fact.text for fact in every)


@pytest.mark.parametrize("case", [planted.chest(), planted.bone()], ids=["chest", "bone"])
def test_every_figure_of_a_sentence_is_a_value_of_its_fact(case):
    """The digits of the rendered sentences, found independently, are those of the typed values."""
    every = facts(case, "Is there a fracture?", planted.checks())
    for fact in every:
        same = [other for other in every if fact.kind == "answer" and other.finding == fact.finding]
        values = [value for one in (fact, *same) for value in one.values.values()]
        numbers = [value for value in values if isinstance(value, int | float)]
        quoted = " ".join(value for value in fact.values.values() if isinstance(value, str))
        for digits in re.findall(r"(?<![\w.])\d+(?:\.\d+)?%?(?!\w)", fact.text):
            shown = float(digits.rstrip("%")) / (100 if digits.endswith("%") else 1)
            assert digits in quoted or any(abs(shown - number) < 0.5 for number in numbers)
            if digits.endswith("%"):
                assert any(abs(shown - number) <= 0.0005 + 1e-9 for number in numbers)


@pytest.mark.parametrize(
    ("point", "words"),
    [
        ((10, 10), "the upper left of the image"),
        ((290, 10), "the upper right of the image"),
        ((150, 150), "the center of the image"),
        ((150, 290), "the lower center of the image"),
        ((300, 300), "the lower right of the image"),
    ],
)
def test_a_region_is_a_third_of_the_image(point, words):
    assert in_words(region(*point, (300, 300))) == words


def test_a_map_is_described_by_its_peak_or_its_lack_of_evidence():
    result = texts(planted.chest())
    assert (
        "The Grad-CAM map for Pneumonia is highest at the upper left of the image (x 50, y 50 pixels)."
        in result
    )
    assert "The Grad-CAM map for Infiltration has no positive evidence." in result


def test_only_boxes_at_the_operating_point_are_described():
    result = facts(planted.bone())
    boxes = [fact for fact in result if fact.box]
    assert [fact.text for fact in boxes] == [
        "Box 1 for Fracture has a score of 0.33 and lies at the upper right of the image, "
        "from x 210, y 20 to x 260, y 80 pixels."
    ]
    assert boxes[0].box == (210, 20, 260, 80)
    assert "No box for Fracture reaches the operating point." in texts(planted.bone(boxes=0))


def test_a_refused_film_and_a_replaced_model_are_facts():
    refused = GateResult(False, "This film seems to be inverted.", "", "inverted")
    result = " ".join(
        texts(planted.chest(gate=refused, fallback="Another answers: /home/doe/weights is gone."))
    )
    assert "The input gate refused the film; it was analyzed at the user's request." in result
    assert "replaces another one, which could not be loaded" in result
    assert "/home" not in result


@pytest.mark.parametrize(
    ("share", "sentence"),
    [
        (0.604, "The film is closer to the training films of the gate than 60% of new chest films."),
        (
            0.07,
            "The film is unusual: it is closer to the training films of the gate than only 7% of new chest "
            "films.",
        ),
        (
            0.0,
            "The film is farther from the training films of the gate than all chest films that were "
            "compared.",
        ),
    ],
)
def test_the_familiarity_is_a_fact_if_it_was_determined(share, sentence):
    known = planted.chest(gate=GateResult(True, "", "", "accepted", share, "chest"))
    assert sentence in texts(known)
    assert not any("training films of the gate" in text for text in texts(planted.chest()))


def test_a_prompt_adds_only_what_it_requests_and_is_not_assessed():
    plain = facts(planted.chest())
    asked = facts(planted.chest(), "Mass? Fractures? Pneumonia is absent. Hands up.")
    new = [one.text for one in asked if one.text not in [fact.text for fact in plain]]
    assert new == ["Fracture was requested and was not assessed: this model does not report it."]


@pytest.mark.parametrize(
    "prompt",
    [
        "Ψάξε για κάταγμα και πνευμονία",
        "ищи переломы и пневмонию",
        "Gibt es einen Knochenbruch oder eine Lungenentzündung?",
        "Y a-t-il une fracture ou une pneumonie ?",
        "¿Hay fracturas o neumonía?",
        "Kırık veya zatürre var mı?",
        "هل يوجد كسر أو التهاب رئوي؟",
        "有没有骨折或肺炎？",
        "骨折や肺炎はありますか",
        "골절이나 폐렴이 있습니까?",
    ],
)
def test_prompts_in_other_languages_name_what_is_not_assessed(prompt):
    chest, bone = (report(case, "template", prompt) for case in (planted.chest(), planted.bone()))
    assert "Fracture was requested and was not assessed: this model does not report it." in as_text(chest)
    assert any(one.text.startswith("Pneumonia: calibrated probability") for one in chest.sentences)
    requested = [fact.finding for fact in bone.facts if fact.kind == "requested finding"]
    assert requested == ["Pneumonia"]


@pytest.mark.parametrize(
    ("value", "words"), [(0.5, "50.0%"), (0.0004, "0.04%"), (0.99996, "99.996%"), (0.123, "12.3%")]
)
def test_no_probability_is_rounded_to_certainty(value, words):
    assert percent(value) == words


def test_known_weaknesses_are_those_of_the_model_cards():
    for model in entries():
        card = settings().weights_dir / model.card
        if card.exists():
            listed = " ".join(card.read_text(encoding="utf-8").partition("## Known weaknesses")[2].split())
            assert weaknesses(model)
            assert " ".join(f"- {sentence}" for sentence in weaknesses(model)) in listed


def test_planted_predictions_are_returned():
    said = planted.chest().prediction
    assert {name: said.answer(name) for name in planted.CHEST} == {
        "Mass": "present",
        "Pneumonia": "present",
        "Infiltration": "cannot tell",
        "Edema": "cannot tell",
        "Effusion": "absent",
    }
    assert np.isclose(said.probabilities.max(), 0.952)
