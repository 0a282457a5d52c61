"""Location of maps against marked boxes: hand-computed, in source pixels, and against Quantus."""

from dataclasses import replace

import numpy as np
import pytest
from torch import nn

from tests.evidence.planted import (
    FINDING,
    SIDE,
    Weighted,
    classifier_of,
    context_of,
    dots,
    method_of,
    square,
    with_map,
)
from xray.evidence import CHECKS, Reading, check
from xray.evidence.baseline_maps import noise
from xray.types import Pixels, Radiograph

HERE = (16.0, 8.0, 24.0, 16.0)  # the square, as left, top, right, bottom
MODEL = classifier_of(Weighted(square()))


def two_squares() -> Pixels:
    """2 in the square, 1 in another as large, and what speaks against the finding around them."""
    drawn = np.full((SIDE, SIDE), -5.0, np.float32)
    drawn[24:32, 0:8] = 1
    drawn[8:16, 16:24] = 2
    return drawn


def located(drawn: Pixels, *boxes: tuple[float, float, float, float]) -> Reading:
    asked = with_map(MODEL, dots(0), drawn, boxes=boxes)
    return CHECKS["location"].measure(asked, asked.candidate)


@pytest.mark.parametrize(
    ("boxes", "inside", "hit", "iou", "iobb"),
    [
        ([HERE], 2 / 3, 1, 64 / 128, 64 / 128),
        ([(16, 8, 24, 12)], 1 / 3, 1, 32 / 128, 32 / 128),
        ([(0, 24, 8, 32)], 1 / 3, 0, 64 / 128, 64 / 128),
        ([HERE, (0, 24, 8, 32)], 1, 1, 1, 1),
        ([(0, 0, 32, 16)], 2 / 3, 1, 64 / (512 + 64), 64 / 128),
        ([(0, 0, 8, 8)], 0, 0, 0, 0),
    ],
)
def test_the_share_inside_matches_a_hand_computed_value(boxes, inside, hit, iou, iobb):
    """What reaches half of the highest value are both squares: 128 cells."""
    found = located(two_squares(), *boxes)
    assert found.value == pytest.approx(inside)
    assert (found.details["hit"], found.details["IoU"]) == (hit, pytest.approx(iou))
    assert found.details["IoBB"] == pytest.approx(iobb)


def test_what_reaches_less_than_half_of_the_highest_value_is_not_covered():
    drawn = two_squares()
    drawn[24:32, 0:8] = 0.99
    assert located(drawn, HERE).details["IoU"] == 1


def test_the_verdict_is_that_of_the_pointing_game():
    right, wrong = (
        check(with_map(MODEL, dots(0), two_squares(), boxes=[box]), "location")
        for box in (HERE, (0, 24, 8, 32))
    )
    assert (right.verdict, wrong.verdict) == ("passed", "failed")
    assert right.why.endswith("Its maximum lies inside the marked region.")


@pytest.mark.slow
def test_hits_are_those_of_quantus():
    quantus = pytest.importorskip("quantus")
    metric = quantus.PointingGame(disable_warnings=True)
    generator, hits = np.random.default_rng(0), []
    for seed in range(40):
        drawn = noise((SIDE, SIDE), seed)
        left, top = generator.integers(0, 20, 2)
        right, bottom = left + 12, top + 10
        marked = np.zeros((1, 1, SIDE, SIDE), int)
        marked[..., top:bottom, left:right] = 1
        hits.append(bool(located(drawn, (left, top, right, bottom)).details["hit"]))
        film = dots(0)[None, None]
        assert metric(nn.Identity(), film, np.zeros(1, int), drawn[None, None], marked) == [hits[-1]]
    assert set(hits) == {True, False}


@pytest.mark.parametrize(
    ("shape", "facts", "box", "there"),
    [
        ((64, 128), {}, (64, 16, 96, 32), HERE),  # (x / 4, y / 2)
        ((16, 16), {}, (8, 4, 12, 8), HERE),
        ((60, 45), {"fit": "letterbox", "input_size": 64}, (0, 0, 45, 60), (8, 0, 56, 64)),
        ((64, 32), {"fit": "letterbox", "input_size": 128}, (8, 4, 12, 16), (16, 8, 24, 32)),
    ],
)
def test_boxes_follow_the_film_into_the_network(shape, facts, box, there):
    """Drawn in source pixels; a bright place there is bright in the same place of the network's film."""
    left, top, right, bottom = box
    pixels = np.zeros(shape, np.float32)
    pixels[top:bottom, left:right] = 1
    sees = classifier_of(nn.Sequential(nn.Identity(), nn.AdaptiveAvgPool2d(1), nn.Flatten()), **facts)
    method = method_of("film", lambda film: film)
    asked = context_of(sees, Radiograph(pixels, "box.png"), method, FINDING, [box])
    (moved,) = asked.boxes
    assert moved == pytest.approx(there)
    left, top, right, bottom = (round(edge) for edge in moved)
    inside = np.zeros(asked.film.shape, bool)
    inside[top:bottom, left:right] = True
    assert np.array_equal(asked.film.radiograph.pixels > 0.5, inside)
    assert CHECKS["location"].measure(asked, asked.candidate).details["IoU"] == 1


def test_a_box_smaller_than_a_cell_cannot_be_judged():
    for box, fits in (((0, 0, 8, 8), True), ((0, 0, 8, 7), False), ((0, 0, 7, 8), False)):
        asked = with_map(MODEL, dots(0), two_squares(), boxes=[HERE, box])
        found = CHECKS["location"].measure(replace(asked, grid=(4, 4)), asked.candidate)
        assert bool(found.missing) != fits
        if not fits:
            assert found.missing == "The marked region is smaller than one of the map's 4 x 4 cells."


def test_without_a_box_or_without_anything_positive_it_cannot_be_judged():
    unmarked, silent = (
        check(with_map(MODEL, dots(0), drawn, boxes=boxes), "location")
        for drawn, boxes in ((two_squares(), []), (-square(), [HERE]))
    )
    assert unmarked.verdict == silent.verdict == "cannot be judged"
    assert unmarked.why.startswith("The finding is not marked.")
    assert silent.why == "The map has no positive evidence for Opacity."


def test_a_box_is_clipped_to_the_film():
    assert located(two_squares(), (-4, 24, 8, 36)).value == pytest.approx(1 / 3)


def test_a_box_beside_the_film_cannot_be_judged():
    assert located(two_squares(), (200, 200, 240, 240)).missing == "The marked region lies outside the film."
