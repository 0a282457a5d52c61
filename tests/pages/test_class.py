"""The class mode of the Learn page in process: a teacher and a student, each in a separate session."""

import re

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import button, opened_learn, shown_text, viewers
from xray.learn.classroom.rooms import ROOMS
from xray.learn.scores import absent
from xray.learn.simulated import simulated_deck
from xray.models.ensemble import load_model

SEED = 7


def refreshed(page: AppTest) -> AppTest:
    """The page after its own timer."""
    page.run()
    assert not page.exception
    return page


@pytest.fixture
def teacher():
    page = opened_learn(part="Class", deck="simulated", seed=str(SEED))
    yield page
    for room in list(ROOMS._rooms.values()):
        room.end = 0
    ROOMS.expire()


def code_of(page: AppTest) -> str:
    return re.search(r"code \*\*([A-Z0-9]{6})\*\*", shown_text(page)).group(1)


def answer(page: AppTest, present: bool, sure: int) -> None:
    choice = next(one for one in page.button_group if one.label == "Your answer")
    choice.set_value(choice.options[0 if present else 1]).run()
    next(one for one in page.slider if "sure" in one.label).set_value(sure).run()
    button(page, "Commit").click().run()
    assert not page.exception


@pytest.mark.slow
def test_a_class_from_opening_to_closing(teacher):
    question = simulated_deck(SEED).questions[0]
    film, reference = question.film(1)
    prediction = load_model(question.model_id).predict(film, intervals=False)
    stated = float(prediction.probabilities[prediction.findings.index(question.model_finding)])
    button(teacher, "Open a class with this deck").click().run()
    code = code_of(teacher)
    anna = opened_learn(**{"class": code})
    anna.text_input[0].set_value("Anna <b>")
    button(anna, "Join").click().run()
    assert "You are in" in shown_text(anna)
    refreshed(teacher)
    assert "Anna <b>" in shown_text(teacher)
    button(teacher, "Show film 1").click().run()

    refreshed(anna)
    (sent,) = viewers(anna)
    assert (sent["map"], sent["boxes"]) == (None, []), "the film alone"
    for told in (reference.known_by, question.model_id, f"{stated:.1%}", "Model"):
        assert told not in shown_text(anna)
    answer(anna, True, 90)
    assert f"Committed: {question.finding}, 90% sure." in shown_text(anna)
    assert "Commit" not in [one.label for one in anna.button]
    assert next(one for one in refreshed(teacher).metric if one.label == "Committed").value == "1 of 1"

    ben = opened_learn(**{"class": code})
    button(ben, "Join").click().run()
    choice = next(one for one in ben.button_group if one.label == "Your answer")
    choice.set_value(choice.options[1]).run()
    token = ben.query_params["seat"]
    button(teacher, "Close the answers").click().run()
    again = opened_learn(**{"class": code}, seat=token)  # a reload
    assert "The answers are closed" in shown_text(again)
    assert next(one for one in again.button_group if one.label == "Your answer").value == absent(
        question.finding
    )
    assert next(one for one in again.slider).disabled
    button(again, "Commit").click().run()
    assert f"Committed: {absent(question.finding)}, 75% sure." in shown_text(again)

    button(teacher, "Reveal").click().run()
    assert not teacher.exception
    assert f"{reference.known_by} {reference.certainty}" in shown_text(teacher)
    table = teacher.table[0].value.set_index(" ")
    assert table.loc["Answer", "Class"] == "Tie: 1 of 2"
    assert table.loc["Probability", "Class"] == f"{(0.9 + 0.25) / 2:.1%}"
    assert table.loc["Probability", "Model"] == f"{stated:.1%}"
    assert "1 of 2 students are correct" in shown_text(teacher)
    refreshed(anna)
    assert reference.known_by in shown_text(anna)
    own = anna.table[0].value.set_index(" ")
    assert own.loc["Probability", "You"] == "90.0%"
    assert own.loc["Probability", "Model"] == f"{stated:.1%}"

    button(teacher, "Next film").click().run()
    assert "Film 2 of 8" in next(iter(teacher.subheader)).value
    assert "Film 2 of 8" in shown_text(refreshed(anna))
    button(teacher, "Close the class").click().run()
    assert not teacher.exception
    assert "There is no class with the code" in shown_text(refreshed(anna))
    assert button(teacher, "Open a class with this deck")


def test_a_second_visitor_sees_nothing_of_the_teachers_controls(teacher, monkeypatch):
    monkeypatch.setattr("xray.ui.access.request_origin", lambda *_: "remote")
    own = opened_learn(part="Class", deck="simulated", seed=str(SEED))
    button(own, "Open a class with this deck").click().run()
    code = code_of(own)
    other = opened_learn(part="Class")
    assert code not in shown_text(other)
    assert button(other, "Open a class with this deck")
    forged = opened_learn(**{"class": code}, seat="guessed")
    assert [one.label for one in forged.text_input] == ["Nickname"], "a token that nobody has is no seat"


@pytest.mark.parametrize(
    ("bound", "networks", "told"),
    [
        ("127.0.0.1", ["192.168.1.5"], "listens only on this computer"),
        (None, [], "is in no network"),
        (None, ["192.168.1.5"], ""),
    ],
)
def test_the_page_says_why_phones_cannot_reach_it(teacher, monkeypatch, bound, networks, told):
    read = st.get_option
    get_option = "xray.ui.learn.classroom.invitation.st.get_option"
    options = {"server.address": bound, "server.port": 8501}
    monkeypatch.setattr("xray.ui.learn.classroom.invitation.lan_addresses", lambda: networks)
    monkeypatch.setattr(get_option, lambda name: options[name] if name in options else read(name))
    button(teacher, "Open a class with this deck").click().run()
    assert not teacher.exception
    warnings = [one.value for one in teacher.warning]
    assert bool(warnings) == bool(told)
    assert told in "".join(warnings)
    (address,) = (one.value for one in teacher.code)
    assert address.startswith(f"http://{networks[0] if networks else 'localhost'}:8501/")
