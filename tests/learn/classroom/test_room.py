"""A class step by step: who may answer when, what counts, and what a student's seat holds."""

import threading

import pytest

from tests.history.planted import case
from tests.learn.classroom.planted import ABSENT, ANSWERS, HERE, LESION, classroom
from xray.errors import InvalidRequest
from xray.learn.classroom.room import NICKNAME, STUDENTS, Draft
from xray.learn.scores import Answer, Reference
from xray.types import Case


def test_a_class_runs_through_its_films():
    room, (anna, *_) = classroom(HERE, ABSENT)
    phases = []
    for step in (
        lambda: room.show(0),
        room.close,
        room.reopen,
        room.close,
        lambda: room.reveal(None),
        lambda: room.show(1),
        lambda: room.reveal(None),
        room.finish,
    ):
        step()
        phases.append((anna.stage.phase, anna.stage.number))
    assert phases == [
        ("open", 0),
        ("closed", 0),
        ("open", 0),
        ("closed", 0),
        ("revealed", 0),
        ("open", 1),
        ("revealed", 1),
        ("ended", 1),
    ]
    assert anna.stage.version == len(phases)
    assert [found.number for found in anna.stage.outcomes] == [0, 1]


def test_a_repeated_commit_changes_nothing_and_is_confirmed():
    room, (anna, *_) = classroom(HERE)
    room.show(0)
    first = anna.commit(0, Answer(True, 0.9, LESION))
    assert anna.commit(0, Answer(True, 0.9, LESION)) == first
    assert anna.commit(0, Answer(False, 0.6)) == first == anna.answer(0)
    assert room.committed == 1


def test_a_slow_commit_counts_until_the_reveal_and_not_after_it():
    room, (anna, ben, carl, *_) = classroom(HERE, ABSENT)
    with pytest.raises(InvalidRequest):
        anna.commit(0, ANSWERS[0])  # no film is shown
    room.show(0)
    room.close()
    anna.commit(0, ANSWERS[0])
    room.reveal(None)
    with pytest.raises(InvalidRequest, match="film 1 arrived after the reveal"):
        ben.commit(0, ANSWERS[0])
    assert anna.commit(0, ANSWERS[0]) == ANSWERS[0], "a repetition is still confirmed"
    room.show(1)
    with pytest.raises(InvalidRequest, match="film 1 arrived after the reveal"):
        carl.commit(0, ANSWERS[0])
    assert len(room.outcomes[0].answers) == 1


def test_a_reload_finds_the_seat_the_answers_and_the_draft():
    room, (anna, *_) = classroom(HERE, ABSENT)
    room.show(0)
    anna.keep_draft(0, Draft(True, 0.8, LESION))
    again = room.admit("token 0", "another name")
    assert again.draft(0) == Draft(True, 0.8, LESION)
    again.commit(0, ANSWERS[0])
    assert room.seat("token 0").answer(0) == ANSWERS[0]
    assert (room.size, again.nickname) == (len(ANSWERS), "Mustermann 0")
    assert room.seat("token 0").draft(1) == Draft(), "a draft belongs to its film"
    assert room.seat("unknown") is None


def test_a_class_is_bounded():
    room, _ = classroom(HERE, students=STUDENTS)
    with pytest.raises(InvalidRequest, match="full"):
        room.admit("one more", "")
    room.admit("token 0", "")
    assert room.size == STUDENTS
    short, _ = classroom(HERE, students=0)
    short.admit("long", "  x" * 100)
    assert len(short.nicknames[0]) <= NICKNAME
    assert short.nicknames[0].startswith("x x")


@pytest.mark.parametrize(
    ("mark", "kept"),
    [
        ((-5, -5, 4, 4), (0, 0, 4, 4)),
        ((15, 15, 1e30, 30), (15, 15, 20, 20)),
        ((30, 30, 40, 40), None),
        ((float("nan"), 0, 4, 4), None),
    ],
)
def test_a_mark_lies_on_the_film(mark, kept):
    room, (anna, ben, *_) = classroom(HERE)
    room.show(0)
    assert anna.commit(0, Answer(True, 0.9, mark)).mark == kept
    assert ben.commit(0, Answer(False, 0.9, (1, 1, 5, 5))).mark is None, "what is absent has no place"


@pytest.mark.parametrize("sure", [0.49, 1.01, float("nan")])
def test_an_impossible_confidence_is_refused(sure):
    room, (anna, *_) = classroom(HERE)
    room.show(0)
    with pytest.raises(InvalidRequest, match="confidence"):
        anna.commit(0, Answer(True, sure))
    assert room.committed == 0


def reachable(value: object, seen: set[int]) -> list[object]:
    """Everything that a value's attributes lead to, except the class itself."""
    if id(value) in seen:
        return []
    seen.add(id(value))
    inner = list(vars(value).values()) if hasattr(value, "__dict__") else []
    if isinstance(value, dict):
        inner = [*value.keys(), *value.values()]
    elif isinstance(value, list | tuple | set):
        inner = list(value)
    return [value, *(each for one in inner for each in reachable(one, seen))]


def test_the_stage_holds_nothing_of_the_result_before_the_reveal():
    room, (anna, *_) = classroom(HERE)
    room.show(0)
    for phase in ("open", "closed"):
        assert anna.stage.phase == phase
        held = reachable(anna.stage, set())
        assert not [one for one in held if isinstance(one, Reference | Case)]
        assert HERE.known_by not in {one for one in held if isinstance(one, str)}
        room.close()
    room.reveal(case())
    held = reachable(anna.stage, set())
    assert HERE.known_by in {one for one in held if isinstance(one, str)}, "the search finds what is there"


def test_commits_at_the_same_time_are_all_counted():
    room, seats = classroom(HERE, students=STUDENTS)
    room.show(0)
    start = threading.Barrier(20)

    def commit(some: list) -> None:
        start.wait()
        for seat in some:
            for _ in range(3):
                seat.commit(0, ANSWERS[0])

    threads = [threading.Thread(target=commit, args=(seats[part::20],)) for part in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    room.reveal(None)
    assert room.committed == len(room.outcomes[0].answers) == STUDENTS


def test_the_model_is_scored_by_its_case():
    room, seats = classroom(HERE)
    room.show(0)
    seats[0].commit(0, ANSWERS[0])
    planted = case()
    room.reveal(planted)
    score = room.outcomes[0].model
    stated = float(planted.prediction.probabilities[planted.prediction.findings.index("Effusion")])
    assert (score.present, score.correct) == (True, True)
    assert score.probability == pytest.approx(stated)
    assert (score.hit, score.iou) == (False, 0.0), "its evidence is at the top left"
