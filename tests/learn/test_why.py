"""The sentence about where the model looked, against planted maps."""

from types import SimpleNamespace

import numpy as np
import pytest

from tests.learn.test_scores import SIDE, explained, reference
from xray.learn.why import where_the_model_looked
from xray.types import Lungs


def looked(heat: np.ndarray, truth, lungs: Lungs | None = None) -> str:
    case = SimpleNamespace(
        explanation=lambda finding: explained(heat),
        lungs=lungs,
        radiograph=SimpleNamespace(pixels=np.zeros((SIDE, SIDE))),
    )
    return where_the_model_looked(case, "Opacity", truth)


@pytest.fixture
def heat() -> np.ndarray:
    """A map with 3 of its 4 units of positive evidence in one pixel at the upper left."""
    heat = np.zeros((SIDE, SIDE))
    heat[2, 2], heat[15, 15], heat[4, 4] = 3.0, 1.0, -8.0
    return heat


def test_the_place_and_the_share_of_the_evidence_are_stated(heat):
    assert looked(heat, reference((0, 0, 5, 5))) == (
        "The map is highest in the upper left of the image, inside the reference; "
        "75% of its positive evidence lies inside."
    )
    assert "outside the reference; 25%" in looked(heat, reference((10, 10, 20, 20)))


def test_without_a_location_or_evidence_none_is_compared(heat):
    assert looked(heat, reference(present=False)) == "The map is highest in the upper left of the image."
    assert "no positive evidence for Opacity" in looked(-np.abs(heat), reference((0, 0, 5, 5)))


def test_of_a_chest_film_the_zone_of_the_lungs_is_named(heat):
    zones = np.zeros((2, 2), np.uint8)
    zones[0, 0] = 1  # the right upper zone is on the left of the image
    outline = np.zeros((3, 2), np.float32)
    lungs = Lungs(zones, (SIDE, SIDE), (outline, outline))
    told = looked(heat, reference(present=False), lungs)
    assert told == "The map is highest in the right upper zone."
