"""Planted markers are found and painted out without changing the body."""

import cv2
import numpy as np
import pytest

from xray.imaging.markers import markers, without_markers
from xray.types import Radiograph


@pytest.fixture
def limb() -> np.ndarray:
    """A soft limb with a brighter bone, wider than any marker."""
    film = np.full((400, 300), 0.05, np.float32)
    film[:, 90:210] = 0.35
    film[:, 130:170] = 0.7
    return cv2.GaussianBlur(film, (0, 0), 3)


def test_a_limb_alone_has_no_markers(limb):
    assert not markers(limb).any()
    radiograph = Radiograph(limb, "limb.png")
    assert without_markers(radiograph).pixels is not limb
    assert (without_markers(radiograph).pixels == limb).all()


def test_a_letter_beside_the_limb_and_a_ring_on_it_are_found_and_gone(limb):
    clean = limb.copy()
    letter = np.zeros(limb.shape, np.uint8)
    cv2.putText(letter, "R", (230, 50), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 255, 4)
    limb[letter > 0] = 1.0
    limb[300:306, 80:220] = 1.0
    planted = (limb == 1.0) & (clean < 0.9)
    found = markers(limb)
    assert found[planted].all()
    assert found.mean() < 4 * planted.mean(), "and little else"
    after = without_markers(Radiograph(limb, "marked.png")).pixels
    assert after[planted].max() < 0.75, "what is left is as bright as what surrounds it"
    assert (after[~found] == limb[~found]).all()


def test_a_wide_bright_border_is_no_marker(limb):
    limb[360:] = 1.0
    assert not markers(limb)[:350].any()
    assert not markers(limb)[375:].any()
