"""Zones, outlines and undetermined lungs, from ellipses whose area and thirds are known."""

import cv2
import numpy as np
import pytest

from tests.lungs import CENTERS, GRID, HALF_HEIGHT, HALF_WIDTH, ellipse, planted_lungs, probabilities
from xray.geometry import Affine
from xray.imaging.lungs import chest, lungs_from
from xray.types import OUTSIDE

SHAPE = (480, 960)
RIGHT, LEFT = (ellipse(*center) for center in CENTERS)


def test_zones_are_thirds_of_the_height_and_the_right_lung_is_on_the_left_of_the_image():
    lungs = planted_lungs(SHAPE)
    assert lungs.determined
    for side, (x, y) in zip(("right", "left"), CENTERS, strict=True):
        for name, third in (("upper", -2 / 3), ("middle", 0), ("lower", 2 / 3)):
            point = 10 * x, 5 * (y + third * HALF_HEIGHT)
            assert lungs.zone_at(*point) == f"{side} {name}"
    assert lungs.zone_at(480, 225) == OUTSIDE
    assert {lungs.zone_at(0, 0), lungs.zone_at(959.9, 479.9)} == {OUTSIDE}


@pytest.mark.parametrize(("beyond", "zone"), [(0.01, "right middle"), (0.05, OUTSIDE)])
def test_a_point_at_the_edge_of_a_lung_belongs_to_it(beyond, zone):
    x, y = CENTERS[0]
    edge = (x - HALF_WIDTH) / GRID
    assert planted_lungs(SHAPE).zone_at((edge - beyond) * SHAPE[1], y / GRID * SHAPE[0]) == zone


def test_the_areas_of_the_zones_are_those_of_an_ellipse():
    sizes = np.bincount(planted_lungs(SHAPE).zones.ravel(), minlength=7)[1:]
    whole = np.pi * HALF_WIDTH * HALF_HEIGHT
    middle = 2 * (np.arcsin(1 / 3) + np.sqrt(8) / 9) / np.pi  # share of a disc within a third of its radius
    expected = np.array([(1 - middle) / 2, middle, (1 - middle) / 2] * 2) * whole
    assert sizes == pytest.approx(expected, rel=0.06)


def test_an_outline_encloses_the_lung_in_source_pixels():
    for outline, (x, y) in zip(planted_lungs(SHAPE).outlines, CENTERS, strict=True):
        area = np.pi * HALF_WIDTH * HALF_HEIGHT * (SHAPE[0] / GRID) * (SHAPE[1] / GRID)
        assert cv2.contourArea(outline) == pytest.approx(area, rel=0.05)
        assert outline.min(0) == pytest.approx([10 * (x - HALF_WIDTH), 5 * (y - HALF_HEIGHT)], abs=8)
        assert outline.max(0) == pytest.approx([10 * (x + HALF_WIDTH), 5 * (y + HALF_HEIGHT)], abs=8)


def test_a_mask_on_another_grid_covers_the_same_share():
    lungs = planted_lungs(SHAPE)
    mask = lungs.mask(Affine.stretch(SHAPE, (224, 224)), (224, 224))
    assert mask.mean() == pytest.approx((RIGHT | LEFT).mean(), rel=0.01)
    assert mask[105, 70]
    assert not mask[105, 112]


def test_small_islands_and_holes_do_not_matter():
    right = RIGHT.copy()
    right[40:44, 28:32] = False
    right[2:4, 2:4] = True
    lungs = lungs_from(probabilities(right, LEFT), SHAPE)
    assert np.array_equal(lungs.zones, planted_lungs(SHAPE).zones)


NONE = np.zeros_like(RIGHT)


@pytest.mark.parametrize(
    ("right", "left", "certain", "problem"),
    [
        (NONE, NONE, 0.98, "No lung was found on the left"),
        (RIGHT, NONE, 0.98, "No lung was found on the right"),
        (RIGHT, ellipse(66, 45, 2, 5), 0.98, "No lung was found on the right"),
        (RIGHT, ellipse(66, 45, 7, 10), 0.98, "differ too much in size"),
        (RIGHT | ellipse(10, 80, 8, 10), LEFT, 0.98, "several parts"),
        (ellipse(40, 48, 38, 44), LEFT, 0.98, "would cover"),
        (ellipse(48, 22, 20, 12), ellipse(50, 70, 20, 12), 0.98, "do not lie side by side"),
        (LEFT, RIGHT, 0.98, "do not lie side by side"),
        (RIGHT, LEFT, 0.7, "unsure"),
    ],
)
def test_implausible_or_unsure_lungs_are_undetermined(right, left, certain, problem):
    lungs = lungs_from(probabilities(right, left, certain), SHAPE)
    assert not lungs.determined
    assert problem in lungs.problem
    assert not lungs.zones.any()
    assert lungs.outlines == ()


def test_the_chest_contains_what_lies_between_the_lungs_and_not_the_arms():
    region = chest(RIGHT | LEFT)
    assert region[45, 48]
    assert (region & (RIGHT | LEFT)).sum() == (RIGHT | LEFT).sum()
    assert not region[:, :13].any()
    assert not region[82:].any()
