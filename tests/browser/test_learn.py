"""The Learn page in a real browser: mark a film, commit the answer, see the model, download scores."""

import csv
import io

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import click_until, downloaded, draw
from xray.learn.shortcut import shortcut_deck
from xray.learn.simulated import simulated_deck
from xray.ui.learn.lessons import LESSONS

SEED = 7


@pytest.fixture
def page(window: Page, address) -> Page:
    window.goto(f"{address}/learn?deck=simulated&seed={SEED}")
    return window


def choose(page: Page, option: str) -> None:
    page.get_by_role("radio", name=option, exact=True).click()


@pytest.mark.slow
def test_a_place_is_marked_committed_and_scored(page):
    deck = simulated_deck(SEED)
    number = next(n for n, one in enumerate(deck.questions) if one.film(n + 1)[1].present)
    question = deck.questions[number]
    film, reference = question.film(number + 1)
    choose(page, str(number + 1))
    expect(page.get_by_text(f"Film {number + 1} of 8")).to_be_visible()
    expect(page.get_by_text("operating point")).to_have_count(0)
    expect(page.get_by_role("button", name="Commit")).to_be_disabled()
    height, width = film.pixels.shape
    draw(page, tuple(reference.boxes[0] / [width, height, width, height]), (height, width))
    choose(page, question.finding)
    expect(page.get_by_text("Your mark is on the film")).to_be_visible()
    page.get_by_role("button", name="Commit").click()
    expect(page.get_by_role("img", name="with 0 boxes").first).to_be_visible()
    expect(page.get_by_role("img", name=f"with the heatmap for {question.model_finding}")).to_be_visible()
    expect(page.get_by_text("operating point").first).to_be_visible()
    expect(page.get_by_text("Over 1 of 8 films")).to_be_visible()
    (row,) = csv.DictReader(io.StringIO(downloaded(page, "Scores (CSV)").decode()))
    assert (row["seed"], row["film"], row["finding"]) == (str(SEED), str(number + 1), question.finding)
    assert row["reader hit"] == "1", "the mark drawn on the screen lies where the finding was planted"
    assert float(row["reader iou"]) > 0.6
    assert float(row["reader brier"]) == pytest.approx(0.0625)
    page.get_by_role("button", name="Next film").click()
    expect(page.get_by_role("button", name="Commit")).to_be_visible()
    assert f"seed={SEED}" in page.url


@pytest.mark.slow
def test_a_lesson_moves_with_its_control(page):
    choose(page, "Lessons")
    choose(page, "Predictive values")
    expect(page.get_by_text(LESSONS["Predictive values"].title)).to_be_visible()
    expect(page.get_by_text("10 true positive")).to_be_visible()
    page.get_by_role("slider", name="Prevalence").press("Home")
    expect(page.get_by_text("1 true positive", exact=False)).to_be_visible()
    expect(page.get_by_text("10 true positive")).to_have_count(0)
    assert "lesson=Predictive" in page.url


@pytest.mark.slow
def test_the_shortcut_deck_answers_by_the_letter_and_a_question_is_explained(page, address):
    questions = shortcut_deck(SEED).questions
    number = next(
        number
        for number, question in enumerate(questions)
        if not question.load.__self__.chest.finding and question.load()[1].marker
    )
    page.goto(f"{address}/learn?deck=shortcut&seed={SEED}")
    choose(page, str(number + 1))
    choose(page, "No opacity")
    page.get_by_role("button", name="Commit").click()
    expect(page.get_by_text("Model: Opacity", exact=True)).to_be_visible()
    expect(page.get_by_text("Reference: Nothing", exact=True)).to_be_visible()
    expect(page.get_by_text("The prediction depends on something outside the body.")).to_be_visible()
    expect(page.get_by_text("With it painted out", exact=False)).to_be_visible()
    choose(page, "Lessons")
    choose(page, "Checks")
    _, quiz = LESSONS["Checks"].questions
    expect(page.get_by_text(quiz.why)).to_have_count(0)
    click_until(
        page.get_by_text(quiz.options[quiz.right], exact=True), page.get_by_text(quiz.why, exact=False)
    )


@pytest.mark.slow
def test_two_sentences_are_checked_beside_the_report_of_the_template(page):
    choose(page, "Report")
    expect(page.get_by_text("The report of the template")).to_have_count(0)
    page.get_by_label("Your sentences").fill("Tuberculosis is likely. Pneumonia was assessed.")
    page.get_by_label("Your sentences").press("Control+Enter")
    click_until(
        page.get_by_role("button", name="Check the sentences"), page.get_by_text("The report of the template")
    )
    expect(page.get_by_text("No measured fact mentions tuberculosis", exact=False)).to_be_visible()
    expect(page.get_by_text("The measured facts hold 1 of 2 sentences.")).to_be_visible()
