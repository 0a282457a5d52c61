"""Films that were read: of decks, as JSON, and of other readers' files."""

import numpy as np
import pytest

from xray.errors import UnusableData
from xray.learn.deck import Deck, Played, Question, scores_csv
from xray.learn.reads import Read, counted_once, hardest, other_reader, ratings, read
from xray.learn.scores import Answer, Reference, score_of_reader

PLACE = np.zeros((0, 4), np.float32)


def deck(count: int = 3) -> Deck:
    question = Question("Opacity", "m", "Pneumonia", lambda: None)
    return Deck("simulated", 7, (question,) * count, "")


def played(truth: bool, present: bool, sure: float, first: Answer | None = None) -> Played:
    reference = Reference(truth, PLACE, "")
    own = score_of_reader(Answer(present, sure), reference)
    return Played(reference, own, None, first=score_of_reader(first, reference) if first else None)


FILMS = {0: played(True, True, 0.9), 1: played(False, True, 0.8), 2: played(True, False, 0.6)}


def test_the_answer_before_the_model_counts():
    film = played(True, True, 0.9, first=Answer(False, 0.7))
    got = read(deck(), 1, film, "b")
    assert got.key == ("simulated", 7, 2, "Opacity")
    assert (got.reader.present, got.reader.probability) == (False, pytest.approx(0.3))


def test_a_film_survives_json():
    film = read(deck(), 0, FILMS[0], "a")
    assert Read.from_json(film.as_json()) == film


def test_a_film_of_several_decks_is_counted_once_with_its_first_answer():
    first, again = read(deck(), 0, FILMS[0], "a"), read(deck(), 2, FILMS[2], "a")
    other = read(deck(), 1, FILMS[1], "b")
    assert counted_once([first, other, again]) == [first, other]


def test_the_file_of_another_reader_gives_ratings_and_hardest_films():
    reads = [read(deck(), number, film, str(number)) for number, film in FILMS.items()]
    other = dict(FILMS)
    other[0] = played(True, False, 0.7)
    other[2] = played(True, True, 0.9, first=Answer(False, 1.0))  # the first answer counts
    del other[1]
    others = [other_reader("other.csv", scores_csv(deck(), other).encode())]
    assert ratings(reads, others) == [(1, 1), (2, 0)], "only films that both have read"
    first, *_, last = hardest(reads, others)
    assert (first.title, first.right, first.readers) == ("simulated, seed 7, film 3: Opacity", 0, 2)
    assert first.brier == pytest.approx((0.36 + 1.0) / 2)
    assert (last.right, last.readers) == (1, 2)
    assert last.brier == pytest.approx((0.01 + 0.49) / 2)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"deck,seed\na,1\n", "lacks the column film"),
        (
            b"deck,seed,film,finding,reader answer,reader correct,reader brier\ns,x,1,Mass,Mass,1,0.1\n",
            "Line 2 of a.csv",
        ),
    ],
)
def test_another_file_gets_a_message(data, message):
    with pytest.raises(UnusableData, match=message):
        other_reader("a.csv", data)
