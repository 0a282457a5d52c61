"""Answers of readers: kept once per film and owner, encrypted, and gone with everything else."""

from pathlib import Path

from sqlalchemy import select

from tests.history.planted import case
from xray.history.practice import delete_answers, save_answer, saved_answers
from xray.history.tables import PracticeAnswer


def test_the_first_answer_to_a_film_is_kept_for_each_owner(store):
    save_answer(store, "one", "a", b"first")
    save_answer(store, "one", "a", b"later")
    save_answer(store, "one", "b", b"other film")
    save_answer(store, "two", "a", b"of two")
    assert saved_answers(store, "one") == [b"first", b"other film"]
    assert saved_answers(store, "two") == [b"of two"]
    delete_answers(store, "one")
    assert saved_answers(store, "one") == []
    assert saved_answers(store, "two") == [b"of two"]


def test_answers_are_not_in_the_database_in_clear(store):
    save_answer(store, "one", "a", b"Opacity at 75%")
    with store.session() as session:
        (content,) = session.scalars(select(PracticeAnswer.content))
    assert b"Opacity" not in content


def test_answers_are_deleted_with_all_films_and_stay_without_one(store):
    number = store.keep(case(), "one")
    save_answer(store, "one", "a", b"mine")
    save_answer(store, "two", "a", b"of two")
    store.delete("one", [number])
    assert saved_answers(store, "one") == [b"mine"]
    store.delete("one")
    assert saved_answers(store, "one") == []
    assert saved_answers(store, "two") == [b"of two"]


def test_deleted_answers_leave_no_byte_in_the_file(store):
    save_answer(store, "one", "a", b"x" * 400)
    with store.session() as session:
        (content,) = session.scalars(select(PracticeAnswer.content))
    delete_answers(store, "one")
    if store.url.get_backend_name() == "sqlite":
        files = Path(store.url.database).parent.glob(f"{Path(store.url.database).name}*")
        assert not [file for file in files if content in file.read_bytes()]
