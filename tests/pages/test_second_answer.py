"""Second answers in process: planted answers, no reference before the second one, and the counts."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import button, group, opened_learn, shown_text, viewers
from xray.learn.scores import absent
from xray.learn.simulated import simulated_deck
from xray.models.ensemble import load_model

SEED = 7


@pytest.fixture
def page() -> AppTest:
    return opened_learn(seed=str(SEED))


def commit(page: AppTest, number: int, present: bool) -> None:
    finding = simulated_deck(SEED).questions[number].finding
    group(page, "Film").set_value(number).run()
    group(page, "Your answer").set_value(finding if present else absent(finding)).run()
    button(page, "Commit").click().run()
    assert not page.exception


def show(page: AppTest, shown: str) -> None:
    group(page, "Before the reference, show of the model").set_value(shown).run()


def truth_of(number: int) -> tuple[bool, bool, str]:
    """Whether a film shows the finding, whether the model says so, and the sentence of the reference."""
    question = simulated_deck(SEED).questions[number]
    film, reference = question.film(number + 1)
    called = load_model(question.model_id).predict(film, intervals=False)
    return reference.present, called.at_operating_point(question.model_finding), reference.known_by


def chests() -> list[int]:
    return [n for n, one in enumerate(simulated_deck(SEED).questions) if one.finding == "Opacity"]


@pytest.mark.parametrize("shown", ["answer", "map", "verdict"])
def test_only_what_was_chosen_is_shown_of_the_model_and_nothing_of_the_reference(page, shown):
    number = chests()[0]
    show(page, shown)
    commit(page, number, True)
    text = shown_text(page)
    assert "Your first answer: Opacity, 75% sure" in text
    assert "operating point" in text
    assert bool([one for one in viewers(page) if one["map"]]) == (shown != "answer")
    assert ("Map:" in text) == (shown == "verdict")
    for telling in ("Reference", truth_of(number)[2], "Brier"):
        assert telling not in text
    assert not [box for one in viewers(page) for box in one["boxes"] if box["kind"] == "truth"]
    (run,) = page.session_state["session"].runs.values()
    assert not run.played
    assert not run.answers

    button(page, "Keep").click().run()
    assert not page.exception
    assert "Reference" in shown_text(page)
    assert run.answers[number] == run.first_answers[number][0]


def test_a_revised_answer_is_counted(page):
    number = next(n for n in chests() if truth_of(n)[:2] == (True, False))  # the model misses it
    finding = simulated_deck(SEED).questions[number].finding
    show(page, "map")
    commit(page, number, True)
    assert button(page, "Revise").disabled, "nothing was changed yet"
    group(page, "Your second answer").set_value(absent(finding)).run()
    next(one for one in page.slider if "now" in one.label).set_value(90).run()
    button(page, "Revise").click().run()
    assert not page.exception
    (run,) = page.session_state["session"].runs.values()
    done = run.played[number]
    assert (done.first.correct, done.reader.correct, done.shown) == (True, False, "map")
    assert done.support in ("supported", "not supported", "cannot tell")
    counts = next(one.value for one in page.table if "Right to wrong (over-reliance)" in one.value)
    row = counts.set_index(" ").loc["All films"]
    assert row["Films"] == "1"
    assert row["Right to wrong (over-reliance)"].startswith("1 of 1 (21% to 100%)")  # Wilson by hand
    assert row["Wrong to right"] == "–"
    assert row["Shift toward the model"] == "+65", "from 75% to 10% present, and the model says absent"
    scores = page.table[0].value.set_index(" ")
    assert (scores.loc["Answer", "You, first"], scores.loc["Answer", "You"]) == (finding, absent(finding))
