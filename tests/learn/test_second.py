"""Changes of answers after the model was seen, counted by hand."""

from collections import Counter

import numpy as np
import pytest

from xray.learn.deck import Played
from xray.learn.scores import Reference, Score, brier
from xray.learn.second import SHOWN, grouped, revisions, shown_in_turn

PLACE = np.zeros((0, 4), np.float32)


def score(probability: float, truth: bool) -> Score:
    present = probability >= 0.5
    return Score(present, probability, present == truth, None, None, brier(probability, truth))


def film(truth: bool, first: float, second: float, model: float, shown: str, support: str) -> Played:
    one, two, its = (score(probability, truth) for probability in (first, second, model))
    return Played(Reference(truth, PLACE, ""), two, its, first=one, shown=shown, support=support)


FILMS = [
    film(True, 0.8, 0.3, 0.1, "answer", "not supported"),  # right to wrong, 50 points toward the model
    film(False, 0.3, 0.7, 0.9, "map", "supported"),  # right to wrong, 40 points
    film(True, 0.4, 0.9, 0.8, "map", "supported"),  # wrong to right, 50 points
    film(True, 0.6, 0.6, 0.7, "verdict", "cannot tell"),  # right, kept
    film(False, 0.7, 0.8, 0.2, "verdict", "cannot tell"),  # wrong, kept, 10 points away from the model
]


def test_changes_by_hand():
    counted = revisions(FILMS)
    assert (counted.films, counted.first_right, counted.first_wrong) == (5, 3, 2)
    assert (counted.right_to_wrong, counted.wrong_to_right) == (2, 1)
    assert counted.shift == pytest.approx((0.5 + 0.4 + 0.5 + 0 - 0.1) / 5)


def test_changes_are_grouped_by_what_was_shown_by_the_verdict_and_by_the_model():
    counted = {
        name: (group.films, group.right_to_wrong, group.wrong_to_right)
        for name, group in grouped(FILMS).items()
    }
    assert counted == {
        "All films": (5, 2, 1),
        "Shown: answer": (1, 1, 0),
        "Shown: answer and map": (2, 1, 1),
        "Shown: answer, map and verdict": (2, 0, 0),
        "Verdict: supported": (2, 1, 1),
        "Verdict: not supported or cannot tell": (3, 1, 0),
        "Model right": (3, 0, 1),
        "Model wrong": (2, 2, 0),
    }


def test_films_without_a_second_answer_are_not_counted():
    alone = Played(Reference(True, PLACE, ""), score(0.9, True), score(0.1, True))
    assert grouped([alone]) == {}
    assert revisions([alone, *FILMS]) == revisions(FILMS)
    assert revisions([]).shift is None


def test_in_turn_shows_each_equally_often_in_an_order_of_the_seed():
    assert Counter(shown_in_turn(7, 9)) == dict.fromkeys(SHOWN, 3)
    assert shown_in_turn(7, 9) == shown_in_turn(7, 9)
    assert len({tuple(shown_in_turn(seed, 9)) for seed in range(5)}) > 1
