"""The Analyze page before a film is opened: stored results, and examples that open."""

import pytest

from tests.pages.conftest import dashboard, shown_text
from xray.examples import examples, outcomes


@pytest.fixture
def page():
    return dashboard()


def button(page, title: str):
    return next(one for one in page.button if one.label == title)


def test_the_first_page_shows_a_stored_answer_its_verdict_and_all_examples(page):
    first = examples()[0]
    text = shown_text(page)
    assert outcomes()[first.id].statement in text
    assert "Map: supported" in text
    assert outcomes()[first.id].reason in text
    assert {example.title for example in examples()} <= {one.label for one in page.button}


def test_a_click_on_an_example_opens_its_film_with_the_stored_answer(page):
    button(page, "Uncertain").click().run()
    text = shown_text(page)
    assert not page.exception
    assert "uncertain.png" in text
    assert outcomes()["uncertain"].statement in text


def test_the_refused_example_shows_the_reason(page):
    button(page, "Refused").click().run()
    assert outcomes()["refused"].statement in shown_text(page)
