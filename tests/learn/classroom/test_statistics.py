"""Statistics of a class, against values computed by hand, and the table read by another library."""

import io

import numpy as np
import pandas as pd
import pytest

from tests.learn.classroom.planted import ABSENT, ANSWERS, HERE, LESION, SIDE, classroom
from xray.learn.classroom.export import class_csv
from xray.learn.classroom.statistics import class_totals, crowd_of, marks_heatmap, most_marked, outcome
from xray.learn.scores import Answer, Score

MODEL = Score(False, 0.3, False, False, 0.1, 0.49)


def test_a_class_as_one_reader():
    crowd = crowd_of(list(ANSWERS), HERE, (SIDE, SIDE))
    assert (crowd.answered, crowd.positive, crowd.majority, crowd.correct) == (5, 4, True, True)
    assert crowd.probability == pytest.approx((0.9 + 0.8 + 0.6 + 0.1 + 0.5) / 5)
    assert crowd.brier == pytest.approx(0.42**2)
    assert crowd.hit is True
    assert crowd.iou == pytest.approx(100 / 116)  # 100 px of the lesion, 16 px beside it


def test_a_tie_is_no_majority_and_not_correct():
    for reference in (HERE, ABSENT):
        crowd = crowd_of([Answer(True, 0.9), Answer(False, 0.7)], reference, (SIDE, SIDE))
        assert (crowd.majority, crowd.correct) == (None, False)
        assert crowd.probability == pytest.approx(0.6)


def test_without_a_place_the_class_has_no_hit():
    crowd = crowd_of([Answer(True, 0.9, LESION)], ABSENT, (SIDE, SIDE))
    assert (crowd.hit, crowd.iou, crowd.correct) == (None, None, False)
    crowd = crowd_of([Answer(False, 0.9)], HERE, (SIDE, SIDE))
    assert (crowd.hit, crowd.iou) == (False, 0.0)


def test_the_heatmap_counts_the_marks_of_each_pixel():
    counts = marks_heatmap([answer.mark for answer in ANSWERS if answer.mark], (SIDE, SIDE))
    expected = np.zeros((SIDE, SIDE))
    expected[10:20, 10:20] = 1
    expected[12:20, 12:20] = 2
    expected[0:4, 0:4] = 1
    assert counts.tolist() == expected.tolist()
    assert most_marked(counts) == (16.0, 16.0)


def test_of_two_places_with_as_many_marks_the_larger_counts():
    counts = marks_heatmap([(0, 0, 2, 2), (10, 4, 16, 8)], (SIDE, SIDE))
    assert most_marked(counts) == (13.0, 6.0), "not the empty middle between them"
    assert most_marked(np.zeros((4, 4), np.float32)) is None


def test_totals_over_films_by_hand():
    first = outcome(0, "Opacity", dict(enumerate(ANSWERS, 1)), HERE, (SIDE, SIDE), MODEL)
    second = outcome(1, "Opacity", {1: Answer(False, 0.8), 2: Answer(True, 0.6)}, ABSENT, (SIDE, SIDE), None)
    unanswered = outcome(2, "Opacity", {}, HERE, (SIDE, SIDE), MODEL)
    total = class_totals([first, second, unanswered])
    assert (total.students.answered, total.students.correct) == (7, 5)
    assert (total.students.places, total.students.hits) == (5, 2)
    assert total.students.iou == pytest.approx((1 + 0.64) / 5)
    assert total.students.brier == pytest.approx((0.01 + 0.04 + 0.16 + 0.81 + 0.25 + 0.04 + 0.36) / 7)
    assert (total.films, total.majority, total.places, total.crowd_hits) == (2, 1, 1, 1)
    assert total.crowd_brier == pytest.approx((0.42**2 + 0.4**2) / 2)
    assert total.crowd_iou == pytest.approx(100 / 116)
    assert (total.model.answered, total.model.correct) == (2, 0)


def test_the_csv_has_a_row_per_reader_and_no_names():
    room, seats = classroom(HERE, ABSENT)
    room.show(0)
    for seat, answer in zip(seats, ANSWERS, strict=True):
        seat.commit(0, answer)
    room.reveal(None)
    room.show(1)
    seats[3].commit(1, Answer(False, 0.7))
    seats[4].commit(1, Answer(True, 0.7))
    room.reveal(None)
    text = class_csv(room.deck, room.outcomes.values())
    table = pd.read_csv(io.StringIO(text))
    assert table["film"].tolist() == [1] * 6 + [2] * 3
    readers = table["reader"].tolist()
    assert readers[:6] == [*(f"student {number}" for number in range(1, 6)), "class"]
    first = table[table["film"] == 1].set_index("reader")
    assert sorted(first["iou"]) == pytest.approx([0, 0, 0, 0.64, 100 / 116, 1])
    assert first.loc["class", "probability"] == pytest.approx(0.58)
    last = table[table["film"] == 2].set_index("reader")
    assert (last.loc["class", "answer"], last.loc["class", "correct"]) == ("tie", 0)
    assert last["hit"].isna().all()
    own = {reader: first.loc[reader, "brier"] for reader in last.index if reader != "class"}
    assert sorted(own.values()) == pytest.approx([0.25, 0.81]), "a student has one number for all films"
    for name in ("mustermann", "mueller", "token"):
        assert name not in text.casefold()
