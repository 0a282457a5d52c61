"""What the travelling values refuse and what they derive."""

from dataclasses import replace

import numpy as np
import pytest

from xray.geometry import Affine
from xray.types import Check, Detections, Explanation, Prediction, Radiograph


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


def detections(**changes) -> Detections:
    parts = {
        "xyxy": np.zeros((2, 4), np.float32),
        "confidence": np.array([0.9, 0.2], np.float32),
        "class_id": np.zeros(2, np.int64),
        "anchor": np.arange(2),
    }
    return Detections("model", ("Fracture",), **parts | changes)


def explanation(raw_map) -> Explanation:
    return Explanation(
        "gradcam", "layer", "finding", raw_map, Affine.scale(1.0, 1.0), (4, 4), "model", "0" * 64
    )


def check(value: float = 0.5, verdict: str = "passed", seconds: float = 0.1, **pictures) -> Check:
    return Check("deletion", value, 0.1, 0.1, verdict, "because", seconds, **pictures)


WRONG = {
    "a logit too many": lambda: replace(prediction(0.5, thresholds=(0.5,)), logits=np.zeros(2, np.float32)),
    "probabilities in double precision": lambda: replace(
        prediction(0.5, thresholds=(0.5,)), probabilities=np.array([0.5])
    ),
    "a probability above 1": lambda: prediction(1.5, thresholds=(0.5,)),
    "a probability that is undefined": lambda: prediction(float("nan"), thresholds=(0.5,)),
    "an operating point below 0": lambda: prediction(0.5, thresholds=(-0.5,)),
    "an empty array in place of no intervals": lambda: replace(
        prediction(0.5, thresholds=(0.5,)), intervals=np.zeros((0, 2), np.float32)
    ),
    "an empty array in place of no set": lambda: replace(
        prediction(0.5, thresholds=(0.5,)), present=np.zeros(0, np.float32)
    ),
    "boxes of three corners": lambda: detections(xyxy=np.zeros((2, 3), np.float32)),
    "one box without confidence": lambda: detections(confidence=np.array([0.9], np.float32)),
    "a confidence above 1": lambda: detections(confidence=np.array([1.9, 0.2], np.float32)),
    "an unknown finding": lambda: detections(class_id=np.array([0, 1])),
    "an anchor that is a fraction": lambda: detections(anchor=np.array([0.0, 1.0])),
    "a threshold above 1": lambda: detections(threshold=25.0),
    "a map of three dimensions": lambda: explanation(np.zeros((1, 4, 4), np.float32)),
    "a map in double precision": lambda: explanation(np.zeros((4, 4))),
    "a map of nothing": lambda: explanation(np.zeros((0, 4), np.float32)),
    "a map that is infinite": lambda: explanation(np.full((4, 4), np.inf, np.float32)),
    "an unknown verdict": lambda: check(verdict="good"),
    "a verdict without a value": lambda: check(value=float("nan")),
    "negative seconds": lambda: check(seconds=-1.0),
    "a curve of two dimensions": lambda: check(curves={"hidden": np.zeros((2, 2), np.float32)}),
    "a map of one dimension": lambda: check(maps={"noise": np.zeros(4, np.float32)}),
}


@pytest.mark.parametrize("make", WRONG.values(), ids=WRONG)
def test_a_constructed_value_is_valid(make):
    with pytest.raises(ValueError, match=r"^expected .* got "):
        make()


def test_no_boxes_are_valid_boxes():
    assert len(detections().among(np.array([], np.int64))) == 0


def test_a_prediction_without_intervals_refuses_to_give_them():
    with pytest.raises(ValueError, match="expected a prediction with intervals"):
        _ = prediction(0.5, thresholds=(0.5,)).bounds
