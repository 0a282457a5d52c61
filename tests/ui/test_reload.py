"""What a visitor showed is kept in memory for this visitor only, and within limits."""

import numpy as np
import pytest

from xray.types import Radiograph
from xray.ui import reload, reload_store
from xray.ui.choice import MODEL_POINTS, Choice
from xray.ui.reload import limited, restore
from xray.ui.reload_store import MINUTES, Remembered, Store
from xray.ui.session import Session


def film(name: str = "mine.png", side: int = 8) -> Radiograph:
    return Radiograph(np.ones((side, side), np.float32), name)


def entry(user: str = "", side: int = 8) -> Remembered:
    return Remembered(user, {"upload": film(side=side)}, {}, "upload", Choice(), {})


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_entry_is_found_only_with_its_key_and_by_its_user():
    store, mine = Store(), entry("issuer me")
    store.keep("key", mine)
    assert store.find("key", "issuer me") is mine
    assert store.find("key", "") is None
    assert store.find("key", "issuer you") is None
    assert store.find("kez", "issuer me") is None
    store.forget("key")
    assert store.find("key", "issuer me") is None


def test_an_entry_ends_without_activity():
    clock = Clock()
    store = Store(clock)
    store.keep("early", entry())
    clock.now = 60 * MINUTES - 1
    store.keep("late", entry())
    assert store.find("early", "")
    clock.now += 1
    assert store.find("early", "") is None
    assert len(store) == 1
    store.keep("late", entry())
    clock.now += 60 * MINUTES - 1
    assert store.find("late", "")
    clock.now += 1
    store.expire()  # as the timer does
    assert len(store) == 0


def test_the_oldest_entries_are_dropped_beyond_the_limits(monkeypatch):
    monkeypatch.setattr(reload_store, "VISITORS", 3)
    monkeypatch.setattr(reload_store, "ALL_BYTES", 4 * 8 * 8 * 4)
    store = Store()
    for key in "abcd":
        store.keep(key, entry())
    assert [bool(store.find(key, "")) for key in "abcd"] == [False, True, True, True]
    store.keep("large", entry(side=16))  # as large as all that is allowed
    assert [bool(store.find(key, "")) for key in ("b", "c", "d", "large")] == [False, False, False, True]


def test_a_visitor_keeps_the_shown_film_and_the_last_ones_within_the_limits(monkeypatch):
    state = Session()
    for number in range(5):
        state.open(str(number), film(f"{number}.png"))
    state.films["broken"] = "broken.png cannot be read."
    state.shown = "1"
    monkeypatch.setattr(reload, "FILMS", 3)
    assert list(limited(state)) == ["1", "3", "4"]
    monkeypatch.setattr(reload, "BYTES", 2 * 8 * 8 * 4)
    assert list(limited(state)) == ["1", "4"]


def test_films_and_choices_return_as_they_were_and_change_independently():
    before = Session()
    before.open("upload", film())
    before.choice.model, before.choice.findings["x"] = "findings-cnn", "Mass"
    kept = Remembered("", before.films, {"upload": b"file"}, "upload", before.choice, {("analyze", "x"): ()})
    before.choice.method = "layercam"  # chosen after the entry was kept, as in a fragment
    after = Session()
    restore(after, kept)
    assert list(after.films) == ["upload"]
    assert after.originals == {"upload": b"file"}
    assert after.shown == "upload"
    assert (after.choice.model, after.choice.method) == ("findings-cnn", "layercam")
    assert after.marks == {("analyze", "x"): ()}
    after.choice.findings["x"] = "Edema"
    assert before.choice.findings["x"] == "Mass"


def test_a_link_to_another_sample_keeps_its_choices_beside_the_films():
    kept = Remembered("", {"upload": film()}, {}, "upload", Choice(model="pneumonia-mobilenet"), {})
    after = Session(link={"sample": "fracture"}, choice=Choice(model="findings-cnn"))
    after.open("sample:fracture", film("fracture.png"))
    restore(after, kept)
    assert (after.shown, after.choice.model) == ("sample:fracture", "findings-cnn")
    assert list(after.films) == ["upload", "sample:fracture"]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, Choice()),
        (
            {"model": "m", "method": "layercam", "points": "0.4", "window": "0.5,0.25"},
            Choice("m", "m", method="layercam", points="0.4 for all", window=(0.5, 0.25)),
        ),
        ({"points": "0.5", "window": "nan,1"}, Choice(points=MODEL_POINTS)),
        ({"window": "0.5"}, Choice()),
        ({"window": "0.5,0"}, Choice()),
        ({"window": "2,1"}, Choice()),
        ({"window": "a,b"}, Choice()),
    ],
)
def test_a_link_is_read_and_what_cannot_be_read_is_ignored(parameters, expected):
    assert Choice.from_link(parameters) == expected
