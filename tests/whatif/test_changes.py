"""Every change against another library or arithmetic by hand; what is neutral changes nothing."""

import io
import json

import cv2
import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter, rotate
from skimage.transform import resize

from tests.conftest import gradient_film
from xray.errors import InvalidRequest
from xray.types import Pixels, Radiograph
from xray.whatif.changes import CHANGES
from xray.whatif.history import History
from xray.whatif.state import State, applied, read_state

HEIGHT, WIDTH = 120, 100


@pytest.fixture(scope="module")
def pixels() -> Pixels:
    """Smooth, of every gray from 0.1 to 0.9."""
    drawn = gaussian_filter(np.random.default_rng(3).random((HEIGHT, WIDTH)), 4)
    return (0.1 + 0.8 * (drawn - drawn.min()) / np.ptp(drawn)).astype(np.float32)


@pytest.mark.parametrize("name", CHANGES)
def test_neutral_is_the_very_film_and_every_other_value_a_film_of_its_size(name, pixels):
    change = CHANGES[name]
    assert change(pixels, change.neutral) is pixels
    film, before = Radiograph(pixels.copy(), "film.png"), pixels.copy()
    assert applied(film, State(((name, change.neutral),))) is film
    below, above = change.reach
    assert (change.at(-below), change.at(above)) == (change.low, change.high)
    for value in {change.low, change.high, change.at(above // 2 or -below // 2)} - {change.neutral}:
        changed = change(pixels, value)
        assert changed.shape == pixels.shape
        assert changed.dtype == np.float32
        assert not np.array_equal(changed, pixels)
        Radiograph(changed.copy(), "changed.png")
    assert np.array_equal(pixels, before)


@pytest.mark.parametrize("degrees", [-90, -7, 30])
def test_rotation_is_that_of_scipy(pixels, degrees):
    turned = CHANGES["rotation"](pixels, degrees)
    theirs = rotate(pixels, degrees, reshape=False, order=1, mode="nearest")
    assert turned == pytest.approx(theirs, abs=1e-4)


def test_a_film_turns_counterclockwise(pixels):
    square = pixels[:100]
    assert CHANGES["rotation"](square, 90.0) == pytest.approx(np.rot90(square), abs=1e-5)


def test_shifts_move_by_a_share_of_the_side_and_continue_the_edge(pixels):
    right = CHANGES["across"](pixels, 20.0)
    assert np.array_equal(right[:, 20:], pixels[:, :-20])
    assert (right[:, :20] == pixels[:, :1]).all()
    up = CHANGES["down"](pixels, -10.0)
    assert np.array_equal(up[:-12], pixels[12:])
    assert (up[-12:] == pixels[-1:]).all()


def test_brightness_is_added_and_clipped(pixels):
    assert CHANGES["brightness"](pixels, 30.0) == pytest.approx(np.minimum(pixels + 0.3, 1), abs=1e-6)
    assert CHANGES["brightness"](pixels, -30.0) == pytest.approx(np.maximum(pixels - 0.3, 0), abs=1e-6)


def test_blur_is_scipys_gaussian(pixels):
    theirs = gaussian_filter(pixels, 0.02 * HEIGHT, mode="mirror")
    assert CHANGES["blur"](pixels, 2.0) == pytest.approx(theirs, abs=1e-3)


def test_noise_has_the_deviation_asked_for_and_is_always_the_same():
    gray = np.full((400, 400), 0.5, np.float32)
    noise = CHANGES["noise"](gray, 5.0) - gray
    assert noise.std() == pytest.approx(0.05, rel=0.02)
    assert noise.mean() == pytest.approx(0, abs=5e-4)
    assert np.array_equal(CHANGES["noise"](gray, 5.0) - gray, noise)


def test_resolution_leaves_means_over_cells(pixels):
    small = pixels.reshape(HEIGHT // 4, 4, WIDTH // 4, 4).mean((1, 3))
    theirs = resize(small, pixels.shape, order=1, mode="edge", anti_aliasing=False)
    assert CHANGES["resolution"](pixels, 25.0) == pytest.approx(theirs, abs=1e-5)


def test_center_and_width_together_are_a_window(pixels):
    state = State((("width", 40.0), ("center", 60.0)))
    windowed = applied(Radiograph(pixels.copy(), "film.png"), state).pixels
    assert windowed == pytest.approx(np.interp(pixels, [0.4, 0.8], [0, 1]), abs=1e-5)


def test_jpeg_is_pillows(pixels):
    buffer = io.BytesIO()
    Image.fromarray(np.rint(pixels * 255).astype(np.uint8)).save(buffer, "JPEG", quality=20)
    theirs = np.asarray(Image.open(buffer), np.float32)
    assert CHANGES["jpeg"](pixels, 20.0) * 255 == pytest.approx(theirs, abs=2)


def test_changes_are_applied_in_one_order_whatever_order_they_are_given_in(film):
    values = (("noise", 10.0), ("rotation", 20.0), ("width", 50.0))
    one, other = (applied(film, State(given)) for given in (values, values[::-1]))
    assert np.array_equal(one.pixels, other.pixels)
    by_hand = film.pixels
    for name in ("rotation", "noise", "width"):
        by_hand = CHANGES[name](by_hand, dict(values)[name])
    assert np.array_equal(one.pixels, by_hand)
    assert State(values) == State(values[::-1])


def test_a_state_says_what_was_done_and_survives_being_written_down(film):
    state = State((("blur", 1.5), ("rotation", -10.0)), ((10, 20, 40, 60),), "inpaint")
    assert read_state(json.loads(json.dumps(state.facts()))) == state
    (note,) = applied(film, state).notes
    assert note == "What if: 30 × 40 px from 10, 20 covered (inpaint), rotation -10°, blur 1.5%."
    assert state.at("blur", 0.0).at("rotation", 0.0) == State((), ((10, 20, 40, 60),), "inpaint")


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"values": (("colour", 1.0),)}, "no change 'colour'"),
        ({"values": (("rotation", 91.0),)}, "Rotation cannot be 91. Give a value from -90 to 90"),
        ({"values": (("noise", float("nan")),)}, "Noise cannot be nan"),
        ({"cover": "paint"}, "no cover 'paint'"),
        ({"covered": ((5, 5, 5, 9),)}, "no box"),
    ],
)
def test_what_cannot_be_done_is_said(facts, sentence):
    with pytest.raises(InvalidRequest, match=sentence):
        State(**facts)


def test_undo_and_redo_give_back_the_very_film():
    film, history = gradient_film(), History()
    states = [State(), State((("blur", 2.0),)), State((("blur", 2.0), ("noise", 5.0))), State()]
    for state in states[1:]:
        history = history.then(state)
    assert history.then(history.now) is history
    for state in reversed(states):
        assert history.now == state
        history = history.undone()
    assert applied(film, history.now) is film
    assert not history.can_undo
    history = history.redone()
    theirs = cv2.GaussianBlur(film.pixels, (0, 0), 0.02 * max(film.pixels.shape))
    assert np.array_equal(applied(film, history.now).pixels, theirs)
    assert history.can_redo
    assert not history.then(State((("noise", 1.0),))).can_redo
