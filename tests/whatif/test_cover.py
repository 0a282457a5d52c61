"""Covers change only their box; controls have equal size, lie on the body and do not overlap."""

from itertools import combinations

import cv2
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from xray.imaging.phantom import chest_phantom
from xray.types import Pixels, Radiograph
from xray.whatif.cover import COVERS, Box, boxes_of, controls, cover
from xray.whatif.state import State, applied, control_of

BOX: Box = (30, 40, 62, 64)
INSIDE = np.s_[40:64, 30:62]


@pytest.fixture(scope="module")
def pixels() -> Pixels:
    drawn = gaussian_filter(np.random.default_rng(5).random((128, 96)), 2)
    return ((drawn - drawn.min()) / np.ptp(drawn)).astype(np.float32)


def covered(pixels: Pixels, kind: str) -> Pixels:
    """The covered content of the box, after checking that all other pixels are unchanged."""
    before = pixels.copy()
    changed = cover(pixels, (BOX,), kind)
    assert np.array_equal(pixels, before)
    outside = np.ones(pixels.shape, bool)
    outside[INSIDE] = False
    assert np.array_equal(changed[outside], pixels[outside])
    assert not np.array_equal(changed[INSIDE], pixels[INSIDE])
    assert (changed.dtype, changed.min() >= 0, changed.max() <= 1) == (np.float32, True, True)
    assert np.array_equal(cover(pixels, (BOX,), kind), changed)
    return changed[INSIDE]


@pytest.mark.parametrize("kind", COVERS)
def test_a_cover_changes_its_box_alone_and_always_alike(pixels, kind):
    covered(pixels, kind)


def test_blur_is_scipys_by_a_quarter_of_the_shorter_side(pixels):
    theirs = gaussian_filter(pixels, 6.0, mode="mirror")
    assert covered(pixels, "blur") == pytest.approx(theirs[INSIDE], abs=2e-3)


def test_the_local_mean_is_that_along_the_edge(pixels):
    inside = pixels[INSIDE]
    edge = (inside[0].sum(), inside[-1].sum(), inside[:, 0].sum(), inside[:, -1].sum())
    assert covered(pixels, "local mean") == pytest.approx(sum(edge) / (2 * (24 + 32)), abs=1e-5)


def test_noise_has_the_mean_and_deviation_of_what_it_covers(pixels):
    gray, inside = covered(pixels, "noise"), pixels[INSIDE]
    assert gray.mean() == pytest.approx(inside.mean(), abs=0.02)
    assert gray.std() == pytest.approx(inside.std(), rel=0.1)
    neighbors = np.corrcoef(gray[:, 1:].ravel(), gray[:, :-1].ravel())[0, 1]
    assert abs(neighbors) < 0.1


def test_inpainting_continues_a_slope():
    slope = (np.add.outer(np.arange(128) * 0.002, np.arange(96) * 0.005) + 0.1).astype(np.float32)
    stained = slope.copy()
    stained[INSIDE] = 1.0
    assert cover(stained, (BOX,), "inpaint") == pytest.approx(slope, abs=5e-3)


def test_boxes_are_whole_pixels_within_the_film():
    drawn = np.array([[10.4, 20.6, 30.5, 40.2], [-3, -3, 200, 300]], np.float32)
    assert boxes_of(drawn, (128, 96)) == ((10, 21, 30, 40), (0, 0, 96, 128))
    assert boxes_of(np.zeros((0, 4), np.float32), (128, 96)) == ()


@pytest.fixture(scope="module", params=[0, 3])
def chest(request):
    return chest_phantom(request.param)


@pytest.mark.parametrize(
    "boxes",
    [
        ((150, 150, 230, 260),),
        ((100, 300, 140, 330),),
        ((130, 150, 190, 230), (320, 150, 380, 230), (240, 300, 300, 340)),
    ],
)
def test_a_control_is_as_large_apart_and_on_the_body(chest, boxes):
    film = chest.radiograph
    found = controls(film.pixels, boxes)
    assert controls(film.pixels, boxes) == found
    for box, other in zip(boxes, found, strict=True):
        assert (other[2] - other[0], other[3] - other[1]) == (box[2] - box[0], box[3] - box[1])
        assert chest.body_mask[other[1] : other[3], other[0] : other[2]].mean() > 0.9
    times = np.zeros(film.pixels.shape)
    for left, top, right, bottom in (*boxes, *found):
        times[top:bottom, left:right] += 1
    assert times.max() == 1
    for one, other in combinations((*boxes, *found), 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def test_a_control_looks_most_like_what_is_covered():
    """Four gray patches on a body of noise: the one as bright as the box is chosen, not the nearest."""
    body = np.full((200, 200), 0.5) + np.random.default_rng(0).normal(0, 0.01, (200, 200))
    for corner, gray in (((20, 20), 0.9), ((80, 20), 0.2), ((150, 150), 0.9)):
        body[corner[0] : corner[0] + 30, corner[1] : corner[1] + 30] = gray
    film = body.clip(0, 1).astype(np.float32)
    assert controls(film, ((20, 20, 50, 50),)) == ((150, 150, 180, 180),)


def test_without_room_there_is_no_control(pixels):
    film = Radiograph(pixels.copy(), "film.png")
    assert controls(pixels, ((0, 0, 96, 100),)) == ()
    assert control_of(film, State(covered=((0, 0, 96, 100),))) is None
    assert control_of(film, State()) is None


def test_the_control_is_changed_in_every_other_way_as_the_film(chest):
    film = chest.radiograph
    state = State((("brightness", 10.0),), ((150, 150, 230, 260),), "local mean")
    control = control_of(film, state)
    assert control.values == state.values
    ((left, top, right, bottom),) = control.covered
    changed = applied(film, control).pixels
    assert np.ptp(changed[top:bottom, left:right]) == 0
    plain = np.minimum(film.pixels + np.float32(0.1), 1)
    assert np.array_equal(changed[150:260, 150:230], plain[150:260, 150:230])
    assert cv2.absdiff(changed, plain).max() > 0
