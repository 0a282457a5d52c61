"""The History page filters, shows trends and deletes what is stored."""

import json
import sqlite3

from cryptography.fernet import Fernet

from tests.pages.conftest import dashboard, shown_text
from tests.pages.history.conftest import FINDING, MODEL, choose, drop, history_page, lines, opened
from xray.history import query
from xray.history.filters import Filter
from xray.history.opening import FILE
from xray.settings import ROOT, settings


def test_films_are_filtered_and_the_choices_stay(filled, store):
    first = query.page(store, "", Filter())[1]
    filled.text_input[0].set_value(first.pixels_sha256[:10]).run()
    assert lines(filled)["Film"].tolist() == [first.pixels_sha256[:12]]
    filled.switch_page("pages/models.py").run()
    history_page(filled)
    assert filled.text_input[0].value == first.pixels_sha256[:10]
    filled.text_input[0].set_value("").run()
    choose(filled, "Finding", FINDING)
    assert set(lines(filled)["Finding"]) == {FINDING}
    expected = {
        one.pixels_sha256[:12] for one in query.page(store, "", Filter(finding=FINDING, answer="at or above"))
    }
    choose(filled, "Answer", "at or above")
    assert set(lines(filled)["Film"] if expected else ()) == expected
    choose(filled, "Your verdict", "disagreed")
    assert "No film matches" in shown_text(filled)


def test_over_time_names_its_reference(filled):
    filled.segmented_control[0].set_value("Over time").run()
    choose(filled, "Finding", FINDING)
    assert not filled.exception
    told = shown_text(filled)
    assert "2 films, by day" in told
    assert "2 films are too few for a comparison; 30 are needed" in told
    stored = json.loads((ROOT / "weights" / f"{MODEL}.json").read_text())["validation"]
    bars = json.loads(filled.get("plotly_chart")[1].proto.spec)["data"]
    assert [one["name"] for one in bars] == [f"{stored['n']} validation films", "2 stored films"]


def test_one_film_is_deleted_when_it_is_confirmed(filled, store):
    def run() -> None:
        """Select the first line, for which AppTest has no function, and run the page."""
        table = next(one for one in filled.dataframe if "Film" in one.value.columns)
        selection = {"rows": [], "columns": [], "cells": [[0, "When"]]}
        states = filled._tree.get_widget_states()
        states.widgets.add(id=table.proto.id, string_value=json.dumps({"selection": selection}))
        filled._run(states)
        assert not filled.exception

    kept = lines(filled)["Film"].tolist()
    run()
    assert "cannot be restored" in shown_text(filled)
    assert query.count(store, "") == 2
    (button,) = [one for one in filled.button if one.label == "Delete this film"]
    button.click()
    run()
    assert [line.pixels_sha256[:12] for line in query.page(store, "", Filter())] == kept[1:]


def test_everything_is_deleted_when_it_is_confirmed(filled, folder, store):
    filled.segmented_control[0].set_value("Your data").run()
    told = shown_text(filled)
    assert "2 films are stored" in told
    assert f"Stored in the file {folder / FILE}" in told
    assert "the key in XRAY_HISTORY_KEY" in told
    filled.button(key="delete history").click().run()
    assert query.count(store, "") == 0
    assert "Nothing is stored yet" in shown_text(filled)
    filled.switch_page("pages/analyze.py").run()
    assert query.count(store, "") == 0, "a film that is still open is not kept again"


def test_a_wrong_key_is_a_sentence_and_films_are_analyzed_all_the_same(chest, folder, monkeypatch):
    drop(opened(switch=True), chest)
    monkeypatch.setenv("XRAY_HISTORY_KEY", Fernet.generate_key().decode())
    settings.cache_clear()
    assert "written with another key" in shown_text(dashboard())
    page = drop(opened(), chest)
    assert page.session_state["session"].cases
    assert "written with another key" in shown_text(history_page(page))
    with sqlite3.connect(folder / FILE) as connection:
        assert connection.execute("SELECT count(*) FROM thumbnails").fetchone() == (1,)
    connection.close()
