"""Classes of a server: codes, owners, limits, and the end of their time."""

import pytest

from tests.learn.classroom.planted import HERE, deck
from xray.access import TERMINAL, Visitor
from xray.errors import AccessDenied, InvalidRequest
from xray.learn.classroom.rooms import CLASSES, LENGTH, MINUTES, Rooms

LOCAL = Visitor(session="a", origin="loopback")
REMOTE, OTHER = Visitor(session="b"), Visitor(session="c")
ANNA = Visitor("https://provider anna", "d", sign_in=True)
BEN = Visitor("https://provider ben", "e", sign_in=True)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def rooms(clock):
    return Rooms(clock)


@pytest.mark.parametrize(
    ("first", "second"), [(REMOTE, OTHER), (REMOTE, LOCAL), (LOCAL, REMOTE), (ANNA, BEN), (TERMINAL, ANNA)]
)
def test_a_second_visitor_neither_teaches_nor_closes_the_class_of_the_first(rooms, first, second):
    room = rooms.open(deck(HERE), first)
    assert rooms.taught_by(second) is None
    rooms.close(second)
    assert rooms.taught_by(first) is room
    other = rooms.open(deck(HERE), second)
    assert rooms.taught_by(second) is other
    assert other.code != room.code
    rooms.close(first)
    assert rooms.taught_by(first) is None
    assert not rooms.is_open(room.code)
    assert rooms.is_open(other.code)


def test_a_visitor_without_a_session_teaches_no_class(rooms):
    for use in (lambda: rooms.open(deck(HERE), Visitor()), lambda: rooms.taught_by(Visitor())):
        with pytest.raises(AccessDenied, match="browser session"):
            use()


def test_students_join_by_code_and_come_back_by_token(rooms):
    room = rooms.open(deck(HERE), REMOTE)
    assert len(room.code) == LENGTH
    rooms.join(f" {room.code.lower()} ", "token", "Ben")
    rooms.join(room.code, "token", "")
    assert room.nicknames == ["Ben"]
    assert rooms.seat(room.code, "token").nickname == "Ben"
    assert rooms.seat(room.code, "other") is None
    with pytest.raises(InvalidRequest, match="no class with the code XXXXXX"):
        rooms.join("XXXXXX", "token", "")


def test_a_seat_leads_to_no_teacher_action(rooms):
    room = rooms.open(deck(HERE), REMOTE)
    seat = rooms.join(room.code, "token", "")
    offered = {name for name in dir(seat) if not name.startswith("_")}
    assert offered == {"answer", "commit", "draft", "films", "keep_draft", "nickname", "stage"}


def test_closing_leaves_nothing(rooms):
    room = rooms.open(deck(HERE), REMOTE)
    rooms.join(room.code, "token", "Ben")
    rooms.close(REMOTE)
    assert rooms.seat(room.code, "token") is None
    assert rooms.taught_by(REMOTE) is None


def test_a_class_ends_after_its_time(rooms, clock):
    room = rooms.open(deck(HERE), REMOTE)
    rooms.join(room.code, "token", "")
    clock.now += 60 * MINUTES - 1
    assert rooms.seat(room.code, "token")
    clock.now += 1
    assert rooms.seat(room.code, "token") is None
    assert rooms.taught_by(REMOTE) is None


def test_the_number_of_classes_is_bounded(rooms, clock):
    rooms.open(deck(HERE), REMOTE)
    with pytest.raises(InvalidRequest, match="A class of yours is open"):
        rooms.open(deck(HERE), REMOTE)
    for number in range(CLASSES - 1):
        rooms.open(deck(HERE), Visitor(session=f"other {number}"))
    with pytest.raises(InvalidRequest, match=f"{CLASSES} open classes"):
        rooms.open(deck(HERE), OTHER)
    clock.now += 60 * MINUTES
    assert rooms.open(deck(HERE), OTHER)
