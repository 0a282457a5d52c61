"""What the travelling values refuse and what they derive."""

from dataclasses import replace

import numpy as np
import pytest

from xray.types import Prediction, Radiograph


def prediction(*probabilities: float, thresholds: tuple[float, ...]) -> Prediction:
    values = np.array(probabilities, np.float32)
    names = tuple(f"finding {number}" for number in range(len(values)))
    return Prediction("model", "0" * 64, names, values, values, np.array(thresholds, np.float32))


def test_a_finding_is_held_against_its_own_operating_point():
    said = prediction(0.3, 0.7, 0.5, thresholds=(0.2, 0.8, 0.5))
    assert [said.at_operating_point(finding) for finding in said.findings] == [True, False, True]
    assert said.most_likely == "finding 1"


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((4, 4)),
        np.zeros((4, 4, 3), np.float32),
        np.full((4, 4), 1.5, np.float32),
        np.full((4, 4), np.nan, np.float32),
    ],
)
def test_a_constructed_radiograph_is_valid(pixels):
    with pytest.raises(ValueError, match="expected"):
        Radiograph(pixels, "film.png")


def test_the_pixels_of_a_radiograph_cannot_be_changed():
    radiograph = Radiograph(np.zeros((4, 4), np.float32), "film.png")
    with pytest.raises(ValueError, match="read-only"):
        radiograph.pixels[0, 0] = 1


def test_the_hash_tells_films_apart_by_pixels_and_shape_alone():
    row = np.linspace(0, 1, 16, dtype=np.float32)
    film = Radiograph(row.reshape(4, 4), "film.png")
    assert Radiograph(row.reshape(4, 4).copy(), "other.png", notes=("a note",)).sha256 == film.sha256
    assert Radiograph(row.reshape(2, 8), "film.png").sha256 != film.sha256
    assert Radiograph(np.ascontiguousarray(row[::-1]).reshape(4, 4), "film.png").sha256 != film.sha256


def test_what_cannot_be_ruled_out_is_not_told():
    """Under softmax a set of one is an answer; under sigmoid each answer is ruled out on its own."""
    said = prediction(0.6, 0.3, 0.1, thresholds=(0.5, 0.5, 0.5))
    some = np.array([0.5, 0.25, 0.2], np.float32)
    several = replace(said, present=some)
    assert several.prediction_set == ("finding 0", "finding 1")
    assert [several.answer(name) for name in said.findings] == ["cannot tell", "cannot tell", "absent"]
    alone = replace(said, present=np.array([0.5, 0.4, 0.2], np.float32))
    assert [alone.answer(name) for name in said.findings] == ["present", "absent", "absent"]
    none = replace(said, present=np.array([0.7, 0.4, 0.2], np.float32))
    assert {none.answer(name) for name in said.findings} == {"cannot tell"}
    each = replace(said, present=some, absent=np.array([0.5, 0.8, 0.95], np.float32))
    assert [each.answer(name) for name in said.findings] == ["present", "present", "cannot tell"]
