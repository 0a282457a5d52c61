"""A student's sentences are split and checked against the facts of a Case."""

import pytest

from tests.report import planted
from xray.errors import InvalidRequest
from xray.learn.report_practice import FILMS, checked_text, practice_film, sentences
from xray.learn.shortcut import CHESTS, FIRST_SEED


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Mass is present. Effusion is absent.", ["Mass is present.", "Effusion is absent."]),
        ("Mass has a probability of 95.2%. It is high", ["Mass has a probability of 95.2%.", "It is high"]),
        ("Mass is present\nEffusion is absent!", ["Mass is present", "Effusion is absent!"]),
    ],
)
def test_a_text_is_split_into_sentences(text, parts):
    assert sentences(text) == parts


@pytest.mark.parametrize("text", ["", " . \n", "A. B. C. D. E.", "word " * 100])
def test_a_text_without_sentences_or_with_too_many_is_refused(text):
    with pytest.raises(InvalidRequest, match=r"two sentences|\d+ characters"):
        sentences(text)


def test_a_sentence_that_the_facts_hold_is_not_marked_and_others_are_with_the_reason():
    text = (
        "Mass is present. Mass has a probability of 84.7%. Effusion is present. The patient should take "
        "antibiotics."
    )
    held, number, answer, advice = checked_text(planted.chest(), text).sentences
    assert held.flags == ()
    assert number.flags == ("No measured fact contains 84.7% as probability for Mass.",)
    assert answer.flags == ("It claims “present” about Effusion; the measured facts state “absent”.",)
    assert "It gives advice or makes a diagnosis; the model does neither." in advice.flags


def test_half_of_the_films_have_an_opacity_and_none_is_of_a_deck():
    films = [practice_film(number) for number in range(1, FILMS + 1)]
    assert 0.45 < sum(film.finding for film in films) / FILMS < 0.55
    assert {film.seed for film in films}.isdisjoint(range(FIRST_SEED, FIRST_SEED + CHESTS))
    assert len({film.seed for film in films}) == FILMS
