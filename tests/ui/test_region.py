"""Regions cover the expected pixels; invalid data from a browser are rejected."""

import math

import numpy as np
import pytest
from skimage.draw import ellipse, rectangle

from xray.ui.viewer import Region

SHAPE = (60, 80)


def test_a_rectangle_covers_the_pixels_whose_centers_lie_inside():
    expected = np.zeros(SHAPE, bool)
    expected[tuple(rectangle((5, 10), (19, 29)))] = True  # both corners belong to it
    assert np.array_equal(Region("rectangle", ((10.0, 5.0), (30.0, 20.0))).mask(SHAPE), expected)
    assert np.array_equal(Region("rectangle", ((9.6, 4.7), (30.4, 20.3))).mask(SHAPE), expected)


def test_an_ellipse_is_that_of_scikit_image():
    expected = np.zeros(SHAPE, bool)
    expected[ellipse(24.5, 34.5, 15, 20, SHAPE)] = True  # it counts from the center of the first pixel
    found = Region("ellipse", ((15.0, 10.0), (55.0, 40.0))).mask(SHAPE)
    assert (found != expected).sum() <= 4, "pixels whose centers lie on the line"
    assert found.sum() == pytest.approx(math.pi * 15 * 20, rel=0.02)


def test_a_stroke_covers_pixels_within_its_radius():
    found = Region("brush", ((20.0, 30.0), (60.0, 30.0)), radius=5).mask(SHAPE)
    rows, columns = np.mgrid[0.5 : SHAPE[0], 0.5 : SHAPE[1]]
    distance = np.hypot(np.maximum(0, np.abs(columns - 40) - 20), rows - 30)
    assert found[distance < 4].all()
    assert not found[distance > 6].any()


def test_a_dot_is_a_disk():
    found = Region("brush", ((40.0, 30.0),), radius=6).mask(SHAPE)
    assert found.sum() == pytest.approx(math.pi * 36, rel=0.15)


def test_a_region_beyond_the_film_covers_what_is_on_it():
    assert Region("rectangle", ((-5.0, -5.0), (10.0, 8.0))).mask(SHAPE).sum() == 80


@pytest.mark.parametrize("kind", ["rectangle", "ellipse", "brush"])
def test_there_and_back(kind):
    region = Region(kind, ((1.5, 2.25), (30.0, 40.0)), radius=3.5 if kind == "brush" else 0.0)
    assert Region.from_browser(region.to_browser()) == region


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {},
        {"kind": "star", "points": [[1, 2], [3, 4]]},
        {"kind": "rectangle", "points": [[1, 2]]},
        {"kind": "brush", "points": [], "radius": 3},
        {"kind": "rectangle", "points": [[1, 2], [3, float("nan")]]},
        {"kind": "rectangle", "points": [[1, 2], ["a", 4]]},
        {"kind": "brush", "points": [[1, 2]], "radius": None},
    ],
)
def test_nonsense_is_no_region(told):
    assert Region.from_browser(told) is None
