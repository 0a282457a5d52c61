"""Rules of the input gate on the network's output: given probabilities."""

import pytest

from xray.models.gate import UPRIGHT, kind_by_network

REGIONS = ("hand", "upper limb", "lower limb", "hip and pelvis", "shoulder", "chest", "head CT slice")
FINDINGS = (*REGIONS, "not an X-ray", "sideways", "upside down", "inverted")
LIMBS = ("hand", "upper limb", "lower limb", "hip and pelvis", "shoulder")
CHEST, ANY = ("chest",), ()


def kind(regions=("chest",), *, operating=0.4, simulated=False, **predicted):
    """The result where all other findings have a probability of one in a hundred."""
    given = dict.fromkeys(FINDINGS, 0.01) | {
        name.replace("_", " "): value for name, value in predicted.items()
    }
    given["not an X-ray"] = given.pop("no xray", 0.01)
    given["head CT slice"] = given.pop("head ct slice", 0.01)
    return kind_by_network(given, dict.fromkeys(FINDINGS, operating), regions, simulated=simulated)[0]


@pytest.mark.parametrize(
    ("predicted", "regions", "expected"),
    [
        ({"chest": 0.9}, CHEST, "accepted"),
        ({"chest": 0.9}, ANY, "accepted"),
        ({"hand": 0.9}, CHEST, "another region"),
        ({"hand": 0.9}, LIMBS, "accepted"),
        ({"hand": 0.9}, ANY, "accepted"),
        ({"hand": 0.9}, ("skull",), "accepted"),
        ({"chest": 0.9}, LIMBS, "another region"),
        ({"no_xray": 0.9}, CHEST, "not an X-ray"),
        ({"no_xray": 0.9}, ANY, "not an X-ray"),
        ({"chest": 0.9, "sideways": 0.9}, CHEST, "sideways"),
        ({"chest": 0.9, "upside_down": 0.9}, CHEST, "upside down"),
        ({"chest": 0.9, "inverted": 0.9}, CHEST, "inverted"),
        ({"hand": 0.9, "inverted": 0.9}, LIMBS, "inverted"),
        ({"hand": 0.9, "inverted": 0.9}, CHEST, "another region"),
        ({"chest": 0.9, "sideways": 0.9, "inverted": 0.9}, CHEST, "sideways"),
    ],
)
def test_every_refusal_by_hand_made_probabilities(predicted, regions, expected):
    assert kind(regions, **predicted) == expected


def test_another_region_is_refused_only_with_confidence():
    assert kind(hand=0.39) == "accepted", "under its operating point"
    assert kind(hand=0.9, chest=0.2) == "accepted", "not ten times as likely: (0.9 + 6 * 0.01) / 0.2"
    assert kind(hand=0.9, chest=0.09) == "another region", "0.96 / 0.09 is more than ten"
    assert kind(hand=0.45, upper_limb=0.45, chest=0.09) == "another region", "limbs count together"
    assert kind(operating=0.95, hand=0.9) == "accepted"


@pytest.mark.parametrize("region", REGIONS)
def test_only_regions_with_a_fixed_orientation_are_rotated(region):
    expected = "sideways" if region in UPRIGHT else "accepted"
    predicted = dict.fromkeys(FINDINGS, 0.01) | {region: 0.9, "sideways": 0.9}
    assert kind_by_network(predicted, dict.fromkeys(FINDINGS, 0.4), (region,))[0] == expected


def test_the_orientation_of_ct_slices_and_photographs_is_not_checked():
    poses = {"sideways": 0.9, "upside_down": 0.9, "inverted": 0.9}
    predicted = {name.replace("_", " "): value for name, value in poses.items()} | {"head CT slice": 0.9}
    assert (
        kind_by_network(dict.fromkeys(FINDINGS, 0.01) | predicted, dict.fromkeys(FINDINGS, 0.4), ANY)[0]
        == "accepted"
    )
    assert kind(no_xray=0.5, chest=0.2, **poses) == "accepted"


def test_a_simulated_film_may_be_another_region_or_inverted_but_is_always_a_radiograph():
    assert kind(simulated=True, hand=0.9) == "another region"
    assert kind(LIMBS, simulated=True, chest=0.9) == "another region"
    assert kind(simulated=True, no_xray=0.9) == "accepted"
    assert kind(simulated=True, head_ct_slice=0.9, chest=0.001) == "accepted"
    assert kind(simulated=True, chest=0.9, inverted=0.9) == "inverted"
