"""The lessons of the Learn page in process: what their controls change, and the questions at their end."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import group, opened_learn, shown_text, viewers
from xray.learn.deck import Played
from xray.learn.scores import Reference, Score
from xray.ui.learn.lessons import LESSONS

QUICK = {"Predictive values", "Calibration", "Checks", "Over-reliance"}  # lessons without a model
CONTROLS = {  # of every lesson: the widget and two values
    "Heatmaps": (lambda page: page.selectbox(key="heatmap of"), "Infiltration", "Mass"),
    "Checks": (lambda page: page.selectbox(key="lesson kind"), "other film", "edges"),
    "Shortcuts": (lambda page: page.button_group(key="lesson letter"), "no letter", "upper right"),
    "Calibration": (lambda page: page.select_slider(key="lesson temperature"), 1.0, 0.33),
    "Predictive values": (lambda page: page.slider(key="lesson prevalence"), 10, 1),
    "Over-reliance": (
        lambda page: page.button_group(key="lesson readers"),
        "inexperienced",
        "very experienced",
    ),
    "Familiarity": (lambda page: page.selectbox(key="lesson image"), "a simulated chest", "a document"),
    "Disagreement": (lambda page: page.selectbox(key="lesson method"), "eigencam", "layercam"),
    "Window and level": (lambda page: page.slider(key="lesson level"), 0.5, 0.8),
}


def opened(name: str) -> AppTest:
    return opened_learn(part="Lessons", lesson=name)


def share(text: str) -> float:
    return float(text.rstrip("%"))


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in LESSONS]
)
def test_a_lessons_control_changes_what_it_should(name):
    page = opened(name)
    told = shown_text(page)
    assert LESSONS[name].title in [one.value for one in page.subheader]
    for part in (LESSONS[name].text, LESSONS[name].notice, LESSONS[name].paper):
        assert re.sub(r"\\", "", part) in told
    find, first, second = CONTROLS[name]
    seen = []
    for value in (first, second):
        find(page).set_value(value).run()
        assert not page.exception
        figures = {one.label: one.value for one in page.metric}
        drawn = [picture.value[0] for picture in page.get("image")] or [one["map"] for one in viewers(page)]
        seen.append((figures, drawn, shown_text(page)))
    (figures, pictures, text), (later, other_pictures, other_text) = seen
    assert (figures, pictures, text) != (later, other_pictures, other_text)
    if name == "Predictive values":
        assert share(figures["PPV"]) > share(later["PPV"])
        assert "1 true positive" in other_text
    if name == "Heatmaps":
        assert pictures[0] != other_pictures[0]
        assert pictures[1:] == other_pictures[1:], "what knows nothing stays"
    if name == "Window and level":
        asked, burned = list(figures)
        assert figures[asked] == later[asked] == figures[burned]
        assert later[burned] != figures[burned]
        assert pictures != other_pictures
    if name == "Shortcuts":
        of_letter, of_lung = "Opacity, shortcut-letter", "Pneumonia, pneumonia-mobilenet"
        assert share(figures[of_letter]) < 50 < share(later[of_letter])
        assert (share(figures[of_lung]) > 50) == (share(later[of_lung]) > 50)
        assert "Map: not supported" not in text
        assert "The prediction depends on something outside the body" in other_text
        assert pictures != other_pictures
    if name == "Disagreement":
        assert pictures[0] == other_pictures[0]
        assert figures["Rank correlation"] != later["Rank correlation"]
        assert figures["With a random map"] == later["With a random map"]
    if name == "Calibration":
        # logit(0.8) = ln 4, divided by 0.33: 1 / (1 + 4 ** (-1 / 0.33)) = 98.5%
        assert (figures["80.0% becomes"], later["80.0% becomes"]) == ("80.0%", "98.5%")
        assert float(later["ECE"]) > float(figures["ECE"])
        assert "overconfident" in other_text
    if name == "Checks":
        assert figures["Believed: map of another film"] == "1 of 21"
        assert later["Believed: edges of the film"] == "0 of 26"
        assert figures["Believed: all kinds together"] == "2 of 174"
    if name == "Over-reliance":
        assert (figures["Right, AI wrong"], later["Right, AI wrong"]) == ("20%", "46%")
        assert "Turn on a second answer" in text
    if name == "Familiarity":
        assert "The gate accepts the image" in text
        assert "The gate refuses the image" in other_text


@pytest.mark.parametrize(("chosen", "verdict"), [(0, "The right answer is: "), (1, "Right. ")])
def test_an_answer_to_a_question_is_explained(chosen, verdict):
    page = opened("Checks")
    (_, quiz) = LESSONS["Checks"].questions
    assert quiz.right == 1
    assert quiz.why not in shown_text(page)
    next(one for one in page.radio if one.label == quiz.text).set_value(quiz.options[chosen]).run()
    assert not page.exception
    told = shown_text(page)
    assert verdict in told
    assert quiz.why in told


def played(first: bool, second: bool) -> Played:
    """A film with the finding, called present at first and at last as given; the model is right."""
    reader, before, model = (Score(call, 0.8, call, None, None, 0.04) for call in (second, first, True))
    return Played(Reference(True, None, ""), reader, model, first=before, shown="answer")


def test_the_students_own_revisions_are_counted():
    page = opened_learn(deck="simulated", seed="7")
    films = [played(True, False), played(True, True), played(True, True), played(False, True)]
    (run,) = page.session_state["session"].runs.values()
    run.played.update(enumerate(films))
    group(page, "Part").set_value("Lessons").run()
    group(page, "Lesson").set_value("Over-reliance").run()
    assert not page.exception
    figures = {one.label: one.value for one in page.metric}
    assert figures["Right, then wrong"].startswith("1 of 3 ")
    assert figures["Wrong, then right"].startswith("1 of 1 ")
    assert figures["Films with a second answer"] == "4"
