"""Dataclasses: which values they refuse and what they derive."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from tests.lungs import planted_lungs
from xray.errors import InvalidRequest
from xray.geometry import Affine
from xray.types import (
    OUTSIDE,
    ZONES,
    Case,
    Check,
    Detections,
    Explanation,
    GateResult,
    Lungs,
    Prediction,
    Radiograph,
)


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


def test_a_map_that_a_case_does_not_have_is_an_invalid_request():
    radiograph = Radiograph(np.eye(4, dtype=np.float32), "film.png")
    prediction = Prediction("model", "0" * 64, ("finding",), *np.float32([[0], [0.8], [0.5]]))
    gate = GateResult(True, "", "", "accepted")
    case = Case(radiograph, prediction, (explanation(np.eye(4, dtype=np.float32)),), gate=gate)
    assert case.explanation("finding") is case.explanations[0]
    with pytest.raises(InvalidRequest, match=r"There is no map of 'other'.* There are: finding\."):
        case.explanation("other")
    with pytest.raises(InvalidRequest, match=r"There are: none\."):
        replace(case, explanations=()).explanation("finding")


def check(value: float = 0.5, verdict: str = "passed", seconds: float = 0.1, **pictures) -> Check:
    return Check("deletion", value, 0.1, 0.1, verdict, "because", seconds, **pictures)


def letterboxed(raw_map, top: float, shape: tuple[int, int], cell: float = 1.0) -> Explanation:
    """A map with cells of some pixels; the film (H, W) starts at this row of the padded input."""
    to_source = Affine(cell, 0, 0, 0, cell, -top)
    return replace(explanation(np.float32(raw_map)), to_source=to_source, source_shape=shape)


def test_the_highest_point_is_on_the_film_and_not_in_the_padding():
    raw_map = np.zeros((8, 6))
    raw_map[0, 2], raw_map[4, 3], raw_map[5, 1], raw_map[7, 5] = 9, 5, -2, -9
    found = letterboxed(raw_map, top=2, shape=(4, 6))
    assert found.peak == (3.5, 2.5)
    assert (found.raw_min, found.raw_max) == (-2, 5)
    assert (found.raw_min, found.raw_max) == (found.heatmap().min(), found.heatmap().max())
    only_padding = np.zeros((8, 6))
    only_padding[0] = 9
    assert not letterboxed(only_padding, top=2, shape=(4, 6)).has_positive_evidence


def test_a_film_between_two_rows_of_cells_has_its_highest_point_inside():
    """Cells of 8 px and a film of 2 x 16 px in rows 7 to 9: every center lies in the padding."""
    found = letterboxed([[1, 4], [3, 2]], top=7, shape=(2, 16), cell=8)
    assert found.peak == (12, 0.5)
    assert found.raw_max == pytest.approx(4 + (2 - 4) * 3.5 / 8)  # the first row lies 3.5 px below y = 4
    assert found.raw_max == pytest.approx(found.heatmap().max(), abs=0.1)


@pytest.mark.parametrize("shape", [(333, 500), (500, 333), (640, 37), (41, 640), (512, 512)])
def test_the_highest_point_of_a_letterboxed_map_agrees_with_its_heatmap(shape):
    to_input, (height, width) = Affine.letterbox(shape, 640, 32)
    noise = np.random.default_rng(3).normal(size=(height // 8, width // 8))
    raw_map = gaussian_filter(noise, 2).astype(np.float32)
    to_source = Affine.scale(8.0, 8.0).then(to_input.inverse())
    found = replace(explanation(raw_map), to_source=to_source, source_shape=shape)
    x, y = found.peak
    heatmap = found.heatmap()
    assert 0 <= x < shape[1]
    assert 0 <= y < shape[0]
    assert found.raw_max == pytest.approx(heatmap.max(), rel=0.02)
    row, column = np.unravel_index(heatmap.argmax(), shape)
    assert np.hypot(x - column - 0.5, y - row - 0.5) < 8


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


def test_the_shares_of_a_map_are_those_of_its_zones():
    """Heat of 3 in the upper right zone and of 1 on the same area outside, negative values elsewhere."""
    lungs = planted_lungs((96, 96))
    raw_map = np.full((96, 96), -5, np.float32)
    raw_map[20:24, 28:32], raw_map[45:49, 46:50] = 3, 1
    one = Explanation("gradcam", "0", "Mass", raw_map, Affine.scale(1.0, 1.0), (96, 96), "model", "0" * 64)
    shares = lungs.shares(one)
    assert set(shares) == {*ZONES, OUTSIDE}
    assert shares["right upper"] == pytest.approx(0.75)
    assert shares[OUTSIDE] == pytest.approx(0.25)
    assert sum(shares.values()) == pytest.approx(1)
    assert lungs.shares(replace(one, raw_map=-np.abs(raw_map))) == {}
    assert Lungs.undetermined((96, 96), "No lung was found.").shares(one) == {}


@pytest.mark.parametrize(
    ("zones", "outlines", "problem"),
    [
        (np.full((4, 4), 7, np.uint8), 2, ""),
        (np.ones((4, 4), np.int64), 2, ""),
        (np.ones((4, 4), np.uint8), 1, ""),
        (np.zeros((4, 4), np.uint8), 2, ""),
        (np.ones((4, 4), np.uint8), 2, "No lung was found."),
    ],
)
def test_lungs_have_zones_and_outlines_or_a_problem(zones, outlines, problem):
    with pytest.raises(ValueError, match="expected"):
        Lungs(zones, (4, 4), (np.zeros((3, 2), np.float32),) * outlines, problem)
