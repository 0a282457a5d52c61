"""A session keeps few decks and few films of them, however long the reader practices."""

from types import SimpleNamespace

import numpy as np
import pytest

from xray.learn.deck import Deck, Question
from xray.learn.scores import Answer, Reference
from xray.types import Radiograph
from xray.ui.learn import deck
from xray.ui.learn.deck import MAX_DECKS, MAX_FILMS, Run, shown_run
from xray.ui.session import Session


@pytest.fixture
def state(monkeypatch) -> Session:
    state = Session()
    monkeypatch.setattr(deck, "session", lambda: state)
    return state


def a_run(number: int) -> Run:
    def question(value: float) -> Question:
        film = Radiograph(np.full((8, 8), value, np.float32), "film.png")
        reference = Reference(False, np.zeros((0, 4), np.float32), "")
        return Question("Fracture", "m", "Fracture", lambda: (film, reference))

    return Run(Deck("simulated", number, tuple(question(value / 8) for value in range(8)), ""))


def test_films_are_kept_only_while_they_are_shown(state):
    opened = Radiograph(np.ones((8, 8), np.float32), "mine.png")
    state.open("mine", opened)
    state.cases[opened.sha256, opened.name, "m"] = SimpleNamespace()
    run = a_run(1)
    for number in range(8):
        film, _ = run.film(number)
        assert film.name == f"film-{number + 1}.png"
        state.cases[film.sha256, film.name, "m"] = SimpleNamespace()
        state.maps[film.sha256, film.name, "m", "gradcam", ()] = ()
    assert list(run.films) == [6, 7]
    assert len(run.films) == MAX_FILMS
    assert len(state.cases) == 1 + MAX_FILMS
    assert len(state.maps) == MAX_FILMS
    assert (opened.sha256, opened.name, "m") in state.cases
    assert run.film(0)[0].pixels[0, 0] == 0


def test_answers_stay_when_another_deck_is_shown_and_old_decks_are_dropped(state):
    state.runs["simulated", "0"] = first = a_run(0)
    first.film(3)
    first.answers[3] = Answer(True, 0.8)
    for number in range(1, 3 * MAX_DECKS):
        state.runs["simulated", str(number)] = a_run(number)
        assert shown_run(("simulated", str(number)))[0] is state.runs["simulated", str(number)]
        state.runs["simulated", str(number)].film(0)
        assert shown_run(("simulated", "0")) == (first, "simulated:0")
        assert not first.films
    assert len(state.runs) == MAX_DECKS
    assert list(first.answers) == [3]
    assert sum(len(run.films) for run in state.runs.values()) == 0
