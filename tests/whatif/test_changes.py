"""The sliders of the What-if page, their state and its history; xray.imaging.transforms has its own tests."""

import json

import cv2
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from tests.conftest import gradient_film
from xray.errors import InvalidRequest
from xray.imaging import transforms
from xray.types import Pixels, Radiograph
from xray.whatif.changes import CHANGES
from xray.whatif.state import History, State, applied, read_state

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


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("rotation", 30.0, lambda film: transforms.rotate(film, 30)),
        ("across", 20.0, lambda film: transforms.shift(film, 0.2, 0)),
        ("down", -10.0, lambda film: transforms.shift(film, 0, -0.1)),
        ("brightness", 30.0, lambda film: transforms.brightness(film, 0.3)),
        ("blur", 2.0, lambda film: transforms.blur(film, 0.02)),
        ("noise", 5.0, lambda film: transforms.noise(film, 0.05, np.random.default_rng(0))),
        ("resolution", 25.0, lambda film: transforms.resolution(film, 0.25)),
        ("jpeg", 20.0, lambda film: transforms.jpeg(film, 20)),
    ],
)
def test_a_slider_counts_in_percent_where_the_transform_counts_in_shares(pixels, name, value, expected):
    assert np.array_equal(CHANGES[name](pixels, value), expected(pixels).pixels)


def test_a_film_turns_counterclockwise(pixels):
    square = pixels[:100]
    assert CHANGES["rotation"](square, 90.0) == pytest.approx(np.rot90(square), abs=1e-5)


def test_center_and_width_together_are_a_window(pixels):
    state = State((("width", 40.0), ("center", 60.0)))
    windowed = applied(Radiograph(pixels.copy(), "film.png"), state).pixels
    assert windowed == pytest.approx(np.interp(pixels, [0.4, 0.8], [0, 1]), abs=1e-5)


def test_changes_are_applied_in_one_order_whatever_order_they_are_given_in(film):
    values = (("noise", 10.0), ("rotation", 20.0), ("width", 50.0))
    one, other = (applied(film, State(given)) for given in (values, values[::-1]))
    assert np.array_equal(one.pixels, other.pixels)
    by_hand = film.pixels
    for name in ("rotation", "noise", "width"):
        by_hand = CHANGES[name](by_hand, dict(values)[name])
    assert np.array_equal(one.pixels, by_hand)
    assert State(values) == State(values[::-1])


def test_a_state_describes_its_changes_and_survives_serialization(film):
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
def test_an_invalid_state_is_an_error_with_a_sentence(facts, sentence):
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
