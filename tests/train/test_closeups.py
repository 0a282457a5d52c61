"""Close-ups of a film with a planted bright square: each box is where the square is; no square lacks one."""

import numpy as np
import pytest

from xray.train.closeups import VISIBLE, close_ups, visible_boxes

HEIGHT, WIDTH = 600, 400
LEFT, TOP, SIDE = 240, 300, 40
BOX = np.array([[LEFT, TOP, LEFT + SIDE, TOP + SIDE]], np.float64)


@pytest.fixture
def film():
    pixels = np.full((HEIGHT, WIDTH), 0.3, np.float32)
    pixels[TOP : TOP + SIDE, LEFT : LEFT + SIDE] = 0.9
    return pixels


def parts_of(film, boxes, count=3, films=30):
    return [
        part for seed in range(films) for part in close_ups(film, boxes, count, np.random.default_rng(seed))
    ]


def test_the_box_of_a_close_up_is_where_the_square_is(film):
    shown = [part for part in parts_of(film, BOX) if len(part.boxes)]
    assert len(shown) > 60
    for part in shown:
        rows, columns = np.nonzero(part.pixels > (part.pixels.min() + part.pixels.max()) / 2)
        found = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
        tolerance = 0.1 * max(part.pixels.shape)  # blur and sharpening move the edge
        assert np.abs(part.boxes[0] - found).max() < max(tolerance, 4)


def test_a_square_takes_more_of_a_close_up_than_of_the_film_and_its_share_varies(film):
    shares = [
        (part.boxes[0, 2:] - part.boxes[0, :2]).max() / max(part.pixels.shape)
        for part in parts_of(film, BOX)
        if len(part.boxes)
    ]
    assert min(shares) > SIDE / HEIGHT
    assert max(shares) / min(shares) > 3


def test_a_close_up_without_a_box_shows_no_square(film):
    empty = [part for part in parts_of(film, BOX) if not len(part.boxes)]
    assert empty
    for part in empty:
        assert np.ptp(part.pixels) < 0.05, "the rest of the film has one gray value"


def test_a_film_without_boxes_gives_one_close_up_and_repeats_with_the_seed(film):
    first, second = (close_ups(film, np.zeros((0, 4)), 3, np.random.default_rng(5)) for _ in range(2))
    assert len(first) == len(second) == 1
    assert np.array_equal(first[0].pixels, second[0].pixels)


@pytest.mark.parametrize(("cut", "kept"), [(0.0, 1), (0.2, 1), (0.3, None), (0.9, None), (1.0, 0)])
def test_a_box_that_is_cut_is_kept_only_if_most_of_it_is_visible(cut, kept):
    part = np.array([LEFT + cut * SIDE, 0, WIDTH, HEIGHT])
    assert 0.7 < VISIBLE < 0.8
    shown = visible_boxes(BOX, part)
    assert (shown if shown is None else len(shown)) == kept
    if kept:
        assert shown[0].tolist() == [0, TOP, (1 - cut) * SIDE, TOP + SIDE]
