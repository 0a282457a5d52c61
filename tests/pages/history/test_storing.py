"""Nothing is stored until the history is turned on; then each film is stored once."""

import pytest

from tests.corpus import simulated_png
from tests.pages.conftest import dashboard, shown_text
from tests.pages.history.conftest import FINDING, MODEL, SWITCH, drop, history_page, lines, opened
from xray.evidence import verdict_of
from xray.history import query
from xray.history.filters import Filter
from xray.io import read_radiograph
from xray.pipeline import Request, analyze
from xray.settings import settings
from xray.types import answer_of


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
