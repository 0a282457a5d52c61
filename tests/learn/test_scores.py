"""Scores against hand-computed values."""

import numpy as np
import pytest

from xray.geometry import Affine
from xray.learn.scores import Answer, Reference, Score, brier, score_of_model, score_of_reader, totals
from xray.types import Explanation

SIDE = 20


def reference(*boxes: tuple[float, float, float, float], present: bool = True) -> Reference:
    return Reference(present, np.array(boxes, np.float32).reshape(-1, 4), "planted")


def explained(raw_map: np.ndarray) -> Explanation:
    """A map on the film's own grid, so that nothing is interpolated."""
    return Explanation(
        "gradcam",
        "layer",
        "Opacity",
        raw_map.astype(np.float32),
        Affine.scale(1, 1),
        (SIDE, SIDE),
        "m",
        "0" * 64,
    )


@pytest.mark.parametrize(
    ("mark", "hit", "iou"),
    [
        ((10, 10, 30, 30), True, 225 / (400 + 625 - 225)),  # 15 x 15 px of 20 x 20 and 25 x 25
        ((15, 15, 40, 40), True, 1.0),
        ((0, 0, 20, 20), False, 25 / (400 + 625 - 25)),  # it touches, its center does not
        ((60, 60, 70, 70), False, 0.0),
        (None, False, 0.0),
    ],
)
def test_a_mark_by_hand(mark, hit, iou):
    got = score_of_reader(Answer(True, 0.8, mark), reference((15, 15, 40, 40)))
    assert got.hit is hit
    assert got.iou == pytest.approx(iou)


def test_of_several_boxes_the_best_match_counts():
    got = score_of_reader(
        Answer(True, 0.8, (100, 100, 120, 110)), reference((0, 0, 9, 9), (100, 100, 110, 110))
    )
    assert got.hit
    assert got.iou == pytest.approx(100 / 200)


@pytest.mark.parametrize(
    "truth", [reference(present=False), reference()], ids=["nothing there", "not marked"]
)
def test_without_a_place_there_is_none_to_find(truth):
    got = score_of_reader(Answer(True, 0.8, (1, 1, 5, 5)), truth)
    assert got.hit is None
    assert got.iou is None
    assert score_of_model(True, 0.8, explained(np.ones((SIDE, SIDE))), truth).hit is None


@pytest.mark.parametrize(
    ("said", "sure", "there", "right", "expected"),
    [
        (True, 0.8, True, True, 0.04),
        (True, 0.8, False, False, 0.64),
        (False, 0.9, True, False, 0.81),
        (False, 0.9, False, True, 0.01),
        (True, 0.5, False, False, 0.25),
        (False, 0.5, True, False, 0.25),
    ],
)
def test_brier_by_hand(said, sure, there, right, expected):
    got = score_of_reader(Answer(said, sure), reference(present=there))
    assert got.correct is right
    assert got.brier == pytest.approx(expected)
    assert brier(1.0, True) == 0.0


def test_a_map_by_hand():
    heat = np.zeros((SIDE, SIDE))
    heat[5:10, 5:10] = 1.0  # half of the highest: covered, 25 px
    heat[7, 7] = 2.0
    heat[15, 15] = 0.9  # less than half
    got = score_of_model(False, 0.3, explained(heat), reference((5, 5, 15, 10)))
    assert got.hit
    assert got.iou == pytest.approx(25 / 50)
    assert got.brier == pytest.approx(0.49)
    assert not got.correct
    aside = score_of_model(True, 0.3, explained(heat), reference((10, 10, 18, 18)))
    assert aside.hit is False
    assert aside.iou == 0.0


def test_a_map_without_positive_evidence_points_nowhere():
    got = score_of_model(True, 0.7, explained(-np.ones((SIDE, SIDE))), reference((0, 0, SIDE, SIDE)))
    assert got.hit is False
    assert got.iou == 0.0


def test_totals_by_hand():
    some = [
        Score(True, 0.8, True, True, 0.5, 0.04),
        Score(True, 0.8, False, None, None, 0.64),
        Score(False, 0.1, False, False, 0.0, 0.81),
    ]
    got = totals(some)
    assert (got.answered, got.correct, got.places, got.hits) == (3, 1, 2, 1)
    assert got.iou == pytest.approx(0.25)
    assert got.brier == pytest.approx((0.04 + 0.64 + 0.81) / 3)
    assert totals([]).brier is None
