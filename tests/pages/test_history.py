"""The history in process: nothing is written until it is turned on; then results are found again."""

import io
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from cryptography.fernet import Fernet
from PIL import Image
from streamlit.testing.v1 import AppTest

from tests.corpus import simulated_png
from tests.pages.conftest import dashboard, shown_text
from xray.evidence import verdict_of
from xray.history import query
from xray.history.crypto import history_key
from xray.history.filters import Filter
from xray.history.opening import FILE, database_url
from xray.history.reports import open_report
from xray.history.store import Store
from xray.io import read_radiograph
from xray.pipeline import Request, analyze
from xray.settings import ROOT, settings
from xray.types import answer_of
from xray.ui.report.drafts import Desk
from xray.ui.report.saved import SavedReport

MODEL, FINDING = "findings-cnn", "Effusion"  # the quickest network
SWITCH = "keep results:"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Iterator[Path]:
    """A separate data folder, and a browser with access to the history."""
    monkeypatch.setenv("XRAY_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("XRAY_HISTORY_SHARED", "true")
    settings.cache_clear()
    yield tmp_path / "data"
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def store(folder) -> Iterator[Store]:
    store = Store(database_url(), history_key())
    yield store
    store.close()


def opened(*, switch: bool | None = None) -> AppTest:
    page = dashboard()
    if switch is not None:
        page.sidebar.toggle(key=SWITCH).set_value(switch).run()
    page.sidebar.selectbox[0].set_value(MODEL).run()
    assert not page.exception
    return page


def drop(page: AppTest, data: bytes, name: str = "MEIER_ANNA.png") -> AppTest:
    page.file_uploader[0].upload(name, data)
    page.run()
    assert not page.exception
    return page


def history_page(page: AppTest, view: str = "") -> AppTest:
    page.switch_page("pages/history.py").run()
    if view:
        page.segmented_control[0].set_value(view).run()
    assert not page.exception
    return page


def lines(page: AppTest):
    return next(one.value for one in page.dataframe if "Your verdict" in one.value.columns)


def choose(page: AppTest, label: str, value: str) -> AppTest:
    next(one for one in page.main.selectbox if one.label == label).set_value(value).run()
    assert not page.exception
    return page


def test_nothing_is_written_until_it_is_turned_on(folder, chest):
    page = drop(opened(), chest)
    assert page.session_state["session"].cases
    assert "Nothing is stored. Turn on" in shown_text(history_page(page))
    assert not folder.exists()


def test_who_is_elsewhere_and_not_signed_in_is_not_offered_it(monkeypatch, folder, chest):
    monkeypatch.delenv("XRAY_HISTORY_SHARED")
    settings.cache_clear()
    assert not [one for one in dashboard().sidebar.toggle if one.label.startswith("Keep results")]
    page = drop(opened(), chest)
    assert "available to signed-in users" in shown_text(history_page(page))
    assert not folder.exists()


def test_a_film_is_kept_once_as_it_was_said_without_its_name(folder, chest, store):
    page = drop(opened(switch=True), chest)
    page.run()
    (kept,) = query.page(store, "", Filter())
    expected = analyze(read_radiograph(chest, "x.png"), Request(MODEL)).prediction
    told = query.details(store, "", kept.id)
    assert [one[0] for one in told.answers] == list(expected.findings)
    assert [one[1] for one in told.answers] == pytest.approx(expected.probabilities.tolist(), abs=1e-5)
    assert [one[3] for one in told.answers] == [expected.answer(name) for name in expected.findings]
    assert told.analysis.file_name is None
    assert all(b"MEIER" not in one.read_bytes() for one in folder.iterdir())
    listed = lines(history_page(page))
    answer = answer_of(expected)
    assert listed["Call"].tolist() == [answer.finding]
    assert listed["Probability"].iloc[0] == pytest.approx(100 * answer.probability, abs=1e-3)
    assert listed["Film"].iloc[0] == told.analysis.pixels_sha256[:12]


def test_the_name_is_kept_only_with_the_second_switch(chest, store):
    assert not [one for one in dashboard().sidebar.checkbox if one.key == "keep names:"]
    opened(switch=True)
    page = dashboard()
    page.sidebar.checkbox(key="keep names:").set_value(True).run()
    page.sidebar.selectbox[0].set_value(MODEL).run()
    drop(page, chest)
    assert lines(history_page(page))["File"].tolist() == ["MEIER_ANNA.png"]
    history_page(page, "Your data")
    next(one for one in page.button if one.label == "Delete file names").click().run()
    assert query.page(store, "", Filter())[0].file_name is None


def test_the_choice_persists_and_the_film_is_recognized(chest, store):
    drop(opened(switch=True), chest)
    (kept,) = query.page(store, "", Filter())
    store.set_feedback(kept.id, "", False, "no")
    assert dashboard().sidebar.toggle(key=SWITCH).value
    told = shown_text(drop(opened(), chest))
    assert f"Calls {kept.finding} ({kept.probability:.1%}" in told[told.index("Seen before on") :]
    assert "Seen before on" in told
    assert "You disagreed." in told
    off = drop(opened(switch=False), simulated_png(1))
    assert off.session_state["session"].cases
    assert "Seen before" not in shown_text(drop(off, chest))
    assert not dashboard().sidebar.toggle(key=SWITCH).value
    assert query.count(store, "") == 1


def test_verdicts_are_stored_with_the_film(chest, store):
    page = drop(opened(switch=True), chest)
    next(one for one in page.selectbox if one.label == "Finding to explain").set_value(FINDING).run()
    page.button(key="check map").click().run()
    assert not page.exception
    (done,) = page.session_state["session"].checks.values()
    (kept,) = query.page(store, "", Filter())
    told = query.details(store, "", kept.id)
    (case,) = page.session_state["session"].cases.values()
    expected = {(FINDING, check.name, check.verdict) for check in done}
    expected.add((FINDING, "map", verdict_of(case.explanation(FINDING), done).support))
    assert {(one[0], one[2], one[3]) for one in told.verdicts} == expected


@pytest.fixture
def filled(chest, store) -> AppTest:
    """The page after two films."""
    page = opened(switch=True)
    drop(page, chest)
    page.file_uploader[0].upload("second.png", simulated_png(1))
    page.run()
    assert query.count(store, "") == 2
    return history_page(page)


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


def test_an_accepted_report_is_saved_with_its_case_and_opened_again(chest, store):
    page = opened(switch=True)
    page.switch_page("pages/report.py").run()
    drop(page, chest)
    page.button(key="write report").click().run()
    assert page.button(key="save report").disabled
    page.button(key="accept report").click().run()
    page.button(key="save report").click().run()
    assert not page.exception
    assert page.button(key="save report").label == "Saved"
    (line,) = query.page(store, "", Filter())
    ((number, _),) = query.details(store, "", line.id).reports
    saved = open_report(store, "", number)
    (desk,) = page.session_state["session"].drafts.values()
    assert saved.report == desk.report
    assert "MEIER" not in saved.case.radiograph.name
    other = dashboard()
    other.session_state["session"].saved_report = None
    other.switch_page("pages/history.py").run()
    show = SavedReport(saved, Desk([("12:00:00", saved.report)]))
    other.session_state["session"].saved_report = show
    other.switch_page("pages/report.py").run()
    assert not other.exception
    shown = [json.loads(one.proto.json) for one in other.get("bidi_component")]
    component = next(one for one in shown if "sections" in one)
    texts = [one["text"] for section in component["sections"] for one in section["sentences"]]
    assert texts == [sentence.text for sentence in saved.report.sentences]
    assert {one.proto.label for one in other.get("download_button")} >= {"PDF", "HTML", "Markdown", "Bundle"}
    other.button(key="close saved").click().run()
    assert "Drop a film" in shown_text(other)


def test_a_refused_film_leaves_a_row_and_analyzing_it_anyway_fills_it(store):
    page = opened(switch=True)
    buffer = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 255, (40, 40), np.uint8)
    Image.fromarray(pixels).save(buffer, "PNG")
    drop(page, buffer.getvalue())
    page.run()
    (line,) = query.page(store, "", Filter())
    assert (line.gate_kind, line.finding) == ("too small", "")
    assert "only 40 x 40 px" in line.gate_reason
    assert lines(history_page(page))["Answer"].tolist() == ["refused"]
    page.switch_page("pages/analyze.py").run()
    next(one for one in page.button if one.label == "Analyze anyway").click().run()
    assert not page.exception
    (again,) = query.page(store, "", Filter())
    assert (again.id, again.gate_accepted, bool(again.finding)) == (line.id, False, True)
