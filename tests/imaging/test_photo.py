"""Glare and tilt are reported for photographs of known geometry; a good photograph has no warning."""

from functools import cache

import cv2
import numpy as np
import pytest

from xray.imaging.phantom import chest_phantom
from xray.imaging.photo import film_corners, slant, straightened, turn, warnings
from xray.types import Radiograph

HEIGHT, WIDTH = 900, 700
STRAIGHT = ((90, 100), (610, 100), (610, 780), (90, 780))
SLANTED = ((140, 100), (560, 130), (640, 800), (60, 780))
TURNED = ((150, 60), (640, 150), (540, 820), (60, 730))
GLARE, TILT = "There is glare", "at an angle"


@cache
def film() -> np.ndarray:
    return chest_phantom(0, marker="L", size=(512, 400)).radiograph.pixels * 0.8


@cache
def photograph(corners: tuple, spot: int = 0) -> np.ndarray:
    """A chest film on a light box, its corners there; a white spot of so many pixels on it."""
    pixels = film().copy()
    if spot:
        cv2.circle(pixels, (130, 200), spot, 1.0, -1)
    height, width = pixels.shape
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    move = cv2.getPerspectiveTransform(source, np.array(corners, np.float32))
    box = np.full((HEIGHT, WIDTH), 0.98, np.float32)
    return cv2.warpPerspective(pixels, move, (WIDTH, HEIGHT), box, borderMode=cv2.BORDER_TRANSPARENT)


def test_a_straight_photograph_without_glare_is_not_warned_of():
    assert warnings(photograph(STRAIGHT)) == ()


@pytest.mark.parametrize("corners", [STRAIGHT, SLANTED, TURNED])
def test_the_corners_are_those_of_the_film(corners):
    assert film_corners(photograph(corners)) == pytest.approx(np.array(corners), abs=6)


@pytest.mark.parametrize("corners", [SLANTED, TURNED])
def test_a_tilted_film_is_reported(corners):
    (told,) = warnings(photograph(corners))
    assert TILT in told


@pytest.mark.parametrize("corners", [STRAIGHT, SLANTED, TURNED])
def test_a_film_that_is_cut_out_and_straightened_is_the_film(corners):
    taken = Radiograph(photograph(corners).clip(0, 1), "camera.jpg")
    found = cv2.resize(straightened(taken).pixels, film().shape[::-1], interpolation=cv2.INTER_AREA)
    assert np.corrcoef(found.ravel(), film().ravel())[0, 1] > 0.97


def test_slant_and_turn_by_hand():
    corners = np.array([(0, 0), (80, 0), (100, 50), (0, 50)], np.float32)
    assert slant(corners) == pytest.approx(100 / 80)
    assert turn(np.array([(0, 0), (100, 100), (0, 200), (-100, 100)], np.float32)) == pytest.approx(45)


def test_glare_is_reported_and_a_letter_is_not_glare():
    (told,) = warnings(photograph(STRAIGHT, spot=24))
    assert GLARE in told


def test_a_film_that_fills_the_picture_is_not_judged():
    assert warnings(film() / 0.8) == ()
