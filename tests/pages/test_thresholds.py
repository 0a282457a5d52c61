"""Detection thresholds and decks of inserted lesions on the Learn page in process."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import button, group, opened_learn, shown_text, viewers
from xray.learn.threshold import answers_of_model
from xray.models.ensemble import load_model
from xray.types import Case, Prediction
from xray.ui.learn import threshold

MODEL = "findings-cnn"
FILMS = 8


@pytest.fixture
def page(monkeypatch) -> AppTest:
    monkeypatch.setattr(threshold, "LENGTHS", (4, FILMS))
    monkeypatch.setattr(threshold, "BASES", 2)
    page = opened_learn(part="Thresholds")
    page.sidebar.selectbox[0].set_value(MODEL).run()
    return page


def test_a_session_shows_only_films_then_both_curves(page, monkeypatch):
    button(page, "Start").click().run()
    assert not page.exception
    running = page.session_state["session"].threshold
    asked = []
    handle = load_model(MODEL).module.register_forward_hook(lambda *_: asked.append(1))
    said = []
    for number in range(FILMS):
        text = shown_text(page)
        assert "Does this film show an inserted consolidation?" in text
        assert not {"operating point", "optical density", "%"} & {word for word in text.split("\n")}
        (sent,) = viewers(page)
        assert (sent["map"], sent["boxes"], sent["tools"]) == (None, [], [])
        contrast = running.session.contrast(running.done)
        said.append(contrast is not None and contrast >= 0.4)
        button(page, "Yes" if said[-1] else "No").click().run()
        assert not page.exception
        assert len(running.done) == number + 1
        if number < FILMS - 1:
            assert not asked, "the model runs after the last answer only"
            assert not running.model
    handle.remove()
    assert asked
    assert not any(isinstance(value, Case | Prediction) for value in vars(running).values())
    assert [one.reported for one in running.done] == said
    expected, _ = answers_of_model(running.session, load_model(MODEL), "Consolidation")
    assert running.model == expected
    table = page.table[0].value.set_index(" ")
    assert table.loc["False alarms", "You"].startswith("0 of 2: 0%")
    assert "Optical density at which half of the lesions (consolidation) are detected" in shown_text(page)
    button(page, "Measure again").click().run()
    assert "Start" in [one.label for one in page.button]


def test_a_reader_who_always_says_yes_is_told_that_the_threshold_says_little(page):
    button(page, "Start").click().run()
    for _ in range(FILMS):
        button(page, "Yes").click().run()
    assert "You reported a lesion on 2 of 2 films without one" in shown_text(page)


def test_a_model_that_reads_no_chest_films_is_not_offered(page):
    page.sidebar.selectbox[0].set_value("region-densenet121").run()
    assert not page.exception
    assert "reads no chest films" in shown_text(page)
    assert "Start" not in [one.label for one in page.button]


def test_a_deck_of_inserted_lesions_is_played_and_scored():
    page = opened_learn(deck="inserted", seed="3")
    page.sidebar.selectbox[0].set_value(MODEL).run()
    page.selectbox(key="inserted kind").set_value("mass").run()
    page.slider(key="inserted contrast").set_value(0.8).run()
    assert not page.exception
    assert "Inserted mass: present or absent?" in shown_text(page)
    run = list(page.session_state["session"].runs.values())[-1]
    _, reference = run.film(0)
    assert "optical density 0.8" in run.deck.about
    right = "Inserted mass" if reference.present else "No inserted mass"
    group(page, "Your answer").set_value(right).run()
    button(page, "Commit").click().run()
    assert not page.exception
    assert run.played[0].reader.correct
    assert reference.known_by in shown_text(page)
    assert "Over 1 of 8 films" in shown_text(page)
