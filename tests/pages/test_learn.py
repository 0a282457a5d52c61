"""The Learn page in process: no prediction before the answer, all scores after it."""

import io

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.corpus import simulated_png
from tests.pages.conftest import button, opened_learn, shown_text, viewers
from xray.learn.deck import Deck, Played, scores_csv
from xray.learn.scores import Score, absent
from xray.learn.simulated import simulated_deck
from xray.models.ensemble import load_model
from xray.types import Case, Check, Detections, Explanation, Prediction

OF_THE_MODEL = (Case, Prediction, Explanation, Detections, Check, Score, Played)
SEED = 7


@pytest.fixture
def page() -> AppTest:
    return opened_learn(deck="simulated", seed=str(SEED))


def answer(page: AppTest, says: str, sure: int = 80) -> None:
    next(one for one in page.button_group if one.label == "Your answer").set_value(says).run()
    next(one for one in page.slider if "sure" in one.label).set_value(sure).run()
    button(page, "Commit").click().run()
    assert not page.exception


def held(value: object, seen: set[int]) -> list[object]:
    """Everything that is reachable from a value, including numbers and words."""
    if id(value) in seen:
        return []
    if isinstance(value, str | bytes | int | float | np.ndarray | type | None):
        return [value]
    seen.add(id(value))
    inner: list[object] = []
    if isinstance(value, dict):
        inner = [*value.keys(), *value.values()]
    elif isinstance(value, list | tuple | set):
        inner = list(value)
    else:
        inner = [*getattr(value, "__dict__", {}).values(), getattr(value, "__self__", None)]
    return [value, *(one for each in inner for one in held(each, seen))]


def state(page: AppTest) -> list[object]:
    return held(page.session_state.to_dict(), set())


def numbers(page: AppTest) -> list[float]:
    return [one for one in state(page) if isinstance(one, float)]


def words(page: AppTest) -> set[str]:
    return {one for one in state(page) if isinstance(one, str)}


@pytest.mark.slow
def test_the_page_contains_no_prediction_before_the_answer_and_keeps_the_answer(page):
    question = simulated_deck(SEED).questions[0]
    film, reference = question.film(1)
    said = load_model(question.model_id).predict(film, intervals=False)
    stated = float(said.probabilities[said.findings.index(question.model_finding)])
    probability = f"{stated:.1%}"

    assert not [one for one in state(page) if isinstance(one, OF_THE_MODEL)]
    assert pytest.approx(stated, abs=1e-5) not in numbers(page)
    assert not {"found", "missed", "false alarm", "left alone", "shortcut"} & words(page)
    for telling in (probability, question.model_id, "operating point", "Reference", reference.known_by):
        assert telling not in shown_text(page)
    (sent,) = viewers(page)
    assert (sent["map"], sent["boxes"], sent["marks"]) == (None, [], []), "the film alone"
    assert (sent["film"]["height"], sent["film"]["width"]) == film.pixels.shape
    assert button(page, "Commit").disabled

    answer(page, question.finding)
    assert [one for one in state(page) if isinstance(one, Case)]
    assert pytest.approx(stated, abs=1e-5) in numbers(page)
    controls, truth, model = viewers(page)
    assert not any(one["tools"] for one in (controls, truth, model)), "an answer cannot be changed"
    boxes = {
        kind: [one["box"] for one in truth["boxes"] if one["kind"] == kind] for kind in ("truth", "mark")
    }
    assert boxes == {"truth": reference.boxes.tolist(), "mark": []}
    assert truth["map"] is None
    assert model["map"]
    for telling in (probability, question.model_id, "operating point", reference.known_by):
        assert telling in shown_text(page)

    scores = page.table[0].value.to_csv()
    page.switch_page("pages/models.py").run()
    page.switch_page("pages/learn.py").run()
    assert not page.exception
    assert page.table[0].value.to_csv() == scores
    assert "Commit" not in [one.label for one in page.button]


@pytest.mark.slow
def test_both_are_scored_and_the_table_adds_up(page):
    deck = simulated_deck(SEED)
    expected = []
    for number in range(2):
        film, reference = deck.questions[number].film(number + 1)
        answer(page, absent(deck.questions[number].finding), 90)
        expected.append(0.81 if reference.present else 0.01)
        asked = deck.questions[number]
        said = load_model(asked.model_id).predict(film, intervals=False)
        stated = float(said.probabilities[said.findings.index(asked.model_finding)])
        both = page.table[0].value.set_index(" ")
        assert float(both.loc["Brier", "You"]) == pytest.approx(expected[-1])
        assert float(both.loc["Brier", "Model"]) == pytest.approx((stated - reference.present) ** 2, abs=6e-4)
        if number == 0:
            button(page, "Next film").click().run()
    sums = page.table[1].value.set_index(" ")
    assert float(sums.loc["Mean Brier", "You"]) == pytest.approx(np.mean(expected), abs=6e-4)
    assert "Over 2 of 8 films" in shown_text(page)
    (run,) = page.session_state["session"].runs.values()
    table = pd.read_csv(io.StringIO(scores_csv(run.deck, run.played)))
    assert table["reader brier"].tolist() == pytest.approx(expected)


def test_the_seed_in_the_address_gives_the_deck(page):
    def order(deck: Deck) -> list[object]:
        return [question.load.__self__ for question in deck.questions]

    (run,) = page.session_state["session"].runs.values()
    assert order(run.deck) == order(simulated_deck(SEED)) != order(simulated_deck(SEED + 1))
    assert opened_learn(seed="no number").number_input[0].value == 1


def test_a_new_deck_has_another_seed_and_other_films(page):
    (before,) = page.session_state["session"].runs.values()
    button(page, "New deck").click().run()
    assert not page.exception
    seed = page.number_input[0].value
    assert seed != SEED
    assert page.query_params["seed"] == str(seed)
    after = list(page.session_state["session"].runs.values())[-1]
    assert after.deck.seed == seed
    assert [one.load.__self__ for one in after.deck.questions] != [
        one.load.__self__ for one in before.deck.questions
    ]


@pytest.fixture
def local(monkeypatch):
    """The page in a browser on this computer."""
    monkeypatch.setattr("xray.ui.access.request_origin", lambda *_: "loopback")


def test_a_visitor_from_elsewhere_is_offered_no_folder_of_the_server():
    page = opened_learn(deck="folder", seed="3")
    deck = next(one for one in page.button_group if one.label == "Deck")
    assert deck.options == ["Simulated films", "Shortcut", "Inserted lesions"]
    assert not [one for one in page.text_input if one.label == "Folder"]
    assert "Film 1 of 8" in shown_text(page)


def test_a_folder_becomes_a_deck_and_a_broken_folder_a_message(local, tmp_path):
    for number in range(2):
        (tmp_path / f"mueller-{number}.png").write_bytes(simulated_png(number))
    (tmp_path / "labels.csv").write_text("path,labels\nmueller-0.png,No Finding\nmueller-1.png,Mass\n")
    page = opened_learn(deck="folder", seed="3")
    assert "Enter a folder of labeled films" in shown_text(page)
    page.sidebar.selectbox[0].set_value("findings-cnn").run()
    page.text_input[0].set_value(str(tmp_path)).run()
    assert page.selectbox(key="learn finding:findings-cnn").options == ["Mass"]
    button(page, "Build the deck").click().run()
    assert not page.exception
    assert "Film 1 of 2" in shown_text(page)
    assert "mueller" not in shown_text(page)
    assert not [one for one in state(page) if isinstance(one, OF_THE_MODEL)]
    answer(page, "No mass")
    assert "Over 1 of 2 films" in shown_text(page)
    first_text = shown_text(page)
    page.run()
    assert button(page, "Build the deck").disabled, "the deck cannot be dealt again to answer anew"
    button(page, "Next film").click().run()
    answer(page, "No mass")
    assert "The deck is complete" in shown_text(page)
    for telling in ("The film is labeled Mass", "does not say who labeled the film"):
        assert telling in (first_text + shown_text(page))

    button(page, "Repeat the missed film").click().run()
    assert "Film 1 of 1" in shown_text(page)
    assert "Commit" in [one.label for one in page.button], "its first answer is not shown again"
    assert not page.exception
    answer(page, "Mass")
    assert "Over 1 of 1 films" in shown_text(page)
    button(page, "Back to the whole deck").click().run()
    assert "Over 2 of 2 films" in shown_text(page)

    (tmp_path / "labels.csv").write_bytes(b"path,remark\nmueller-0.png,words\n")
    page.run()
    assert not page.exception
    assert "labels.csv lacks a column path or labels" in shown_text(page)
