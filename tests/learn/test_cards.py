"""Cards of the What if page: truth by construction, and each film once without its lesion."""

import numpy as np
import pytest

from xray.learn.cards import Card, deck_of_cards, finding_of, identity
from xray.types import Radiograph
from xray.whatif.lesion_lab import Insertion

FILM = Radiograph(np.full((100, 100), 0.3, np.float32), "mine.png")
DISC = Card(FILM, Insertion("disc", 40.0, 60.0, 0.1, 0.7), "pneumonia-mobilenet", "Pneumonia")
DARKER = Card(FILM, Insertion("disc", 70.0, 30.0, 0.1, 0.2), "pneumonia-mobilenet", "Pneumonia")
MASS = Card(FILM, Insertion("mass", 70.0, 30.0, 0.1, 0.2), "pneumonia-mobilenet", "Pneumonia")


def test_the_reference_of_a_card_is_the_lesion_and_nothing_on_the_film_tells_it():
    film, reference = DISC.question().film(3)
    assert reference.present
    assert reference.boxes[0].tolist() == pytest.approx([30, 50, 50, 70], abs=2)
    assert (film.name, film.notes) == ("film-3.png", ())
    assert film.pixels[60, 40] == pytest.approx(1 - 0.7 * np.exp(-0.7), abs=1e-4)
    plain, absent = DISC.catch().film(4)
    assert not absent.present
    assert len(absent.boxes) == 0
    assert (plain.pixels == FILM.pixels).all()
    assert absent.title(finding_of("disc")) == "No inserted disc"


def test_a_deck_has_every_card_and_each_film_once_without_its_kind_of_lesion():
    deck = deck_of_cards([DISC, DARKER, MASS], seed=5)
    truths = [(question.finding, question.film(1)[1].present) for question in deck.questions]
    assert sorted(truths) == [
        ("Inserted disc", False),
        ("Inserted disc", True),
        ("Inserted disc", True),
        ("Inserted mass", False),
        ("Inserted mass", True),
    ]
    again = deck_of_cards([DISC, DARKER, MASS], seed=5)
    assert truths == [(question.finding, question.film(1)[1].present) for question in again.questions]


def test_other_cards_are_another_deck():
    assert identity([DISC, DARKER]) == identity([DISC, DARKER])
    assert len({identity([DISC]), identity([DARKER]), identity([MASS]), identity([DISC, DARKER])}) == 4
