"""The Report page in process: narrators, requests, flags, drafts, edits."""

import json
import os

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import dashboard
from tests.report import provider
from xray.io import read_radiograph
from xray.pipeline import Request, analyze
from xray.report import report
from xray.report.narrators.prompts import READY
from xray.settings import settings
from xray.ui.common.escaping import literal

MODEL = "findings-cnn"  # the quickest network
KEY = "a-key-nobody-may-see"
TRUE = {"text": "The input gate accepted the film.", "section": "technique", "cites": [5]}
LIE = {"text": "There is a fracture of the fourth rib.", "section": "findings", "cites": [6]}


@pytest.fixture
def server(monkeypatch):
    """A local language model, at the address the settings name."""
    with provider.serving() as running:
        monkeypatch.setenv("XRAY_OPENAI_URL", f"{running.address}/v1")
        monkeypatch.setenv("XRAY_NARRATOR_ATTEMPTS", "1")
        settings.cache_clear()
        yield running
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def page(chest) -> AppTest:
    page = dashboard()
    page.switch_page("pages/report.py").run()
    page.sidebar.selectbox[0].set_value(MODEL).run()
    page.file_uploader[0].upload("chest.png", chest)
    return calm(page.run())


def calm(page: AppTest) -> AppTest:
    assert not page.exception
    return page


def write(page: AppTest) -> AppTest:
    return calm(page.button(key="write report").click().run())


def narrate(page: AppTest, name: str) -> AppTest:
    return calm(page.button_group(key="report narrator").set_value(name).run())


def components(page: AppTest) -> list[dict]:
    return [json.loads(one.proto.json) for one in page.get("bidi_component")]


def text(page: AppTest) -> dict:
    return next(one for one in components(page) if "sections" in one)


def sentences(page: AppTest) -> list[dict]:
    return [one for section in text(page)["sections"] for one in section["sentences"]]


def desk(page: AppTest):
    (one,) = page.session_state["session"].drafts.values()
    return one


def switch(page: AppTest, name: str) -> None:
    next(one for one in page.toggle if one.label.startswith(name)).set_value(True).run()


def test_the_template_writes_what_the_library_writes(page, chest):
    page.text_area(key="report prompt").set_value("Check for fractures.").run()
    write(page)
    case = analyze(read_radiograph(chest, "chest.png"), Request(MODEL))
    told = report(case, "template", "Check for fractures.")
    assert [one["text"] for one in sentences(page)] == [one.text for one in told.sentences]
    assert any("Fracture was requested" in one["text"] for one in sentences(page))
    assert not any(one["flags"] for one in sentences(page))


def test_a_ready_prompt_fills_the_field(page):
    page.button_group(key="ready prompts").set_value("Triage").run()
    assert calm(page).text_area(key="report prompt").value == READY["Triage"]


def test_the_chosen_sentence_shows_its_map_and_its_fact(page):
    write(page)
    shown = desk(page)
    mapped = [
        (index, one)
        for index, one in enumerate(shown.report.sentences)
        if one.section == "explanation" and "is highest" in one.text
    ]
    assert mapped
    for index, one in mapped[:2]:
        shown.chosen = index
        calm(page.run())
        fact = shown.report.facts[one.cites[0] - 1]
        viewer = next(told for told in components(page) if "film" in told)
        (case,) = page.session_state["session"].cases.values()
        assert viewer["map"]["scale"] == pytest.approx(case.explanation(fact.finding).raw_max)
        assert f"heatmap for {fact.finding}" in viewer["alt"]
        assert any(literal(fact.text) in one.value for one in page.markdown)


def test_a_remote_narrator_receives_nothing_before_consent(page, server):
    server.answers = [provider.written(TRUE, LIE)]
    narrate(page, "openai-compatible")
    assert page.button(key="write report").disabled
    told = "\n".join(one.value for one in page.markdown)
    assert server.address in told
    assert "the picture" in told
    assert "the facts" in told
    assert "the prompt" in told
    assert not server.requests
    switch(page, "I agree")
    write(page)
    assert len(server.requests) == 1
    assert "chest.png" not in json.dumps(server.requests[0][2])
    assert [len(one["flags"]) > 0 for one in sentences(page)] == [False, True]
    assert any("1 marked" in one.value for one in page.caption)


def test_a_failure_is_reported_and_the_template_is_used(page, server):
    server.answers = [provider.refusal(503, "busy")]
    page.text_area(key="report prompt").set_value("Check for fractures.").run()
    narrate(page, "openai-compatible")
    switch(page, "I agree")
    write(page)
    assert any("is overloaded" in one.value for one in page.warning)
    assert sentences(page)
    assert page.text_area(key="report prompt").value == "Check for fractures."


def test_the_key_stays_in_the_session(page, server):
    server.answers = [provider.written(TRUE)]
    narrate(page, "openai-compatible")
    page.text_input(key="openai-compatible: key").set_value(KEY).run()
    switch(page, "I agree")
    write(page)
    assert server.requests[0][1]["authorization"] == f"Bearer {KEY}"
    assert KEY not in json.dumps(components(page))
    assert not any(KEY in value for value in os.environ.values())
    page.switch_page("pages/analyze.py").run()
    page.switch_page("pages/report.py").run()
    assert calm(page).text_input(key="openai-compatible: key").value == KEY


def test_all_is_still_there_when_the_user_comes_back(page):
    page.text_area(key="report prompt").set_value("Be brief.").run()
    write(page)
    before = sentences(page)
    page.switch_page("pages/analyze.py").run()
    page.switch_page("pages/report.py").run()
    assert sentences(calm(page)) == before
    assert page.text_area(key="report prompt").value == "Be brief."


def test_an_edited_report_is_checked_again_and_both_drafts_are_kept(page):
    write(page)
    page.button(key="edit report").click().run()
    field = page.text_area(key="edit 0")
    field.set_value(field.value + "\nThe heart is enlarged. [3]\n").run()
    page.button(key="keep edit").click().run()
    calm(page)
    assert sentences(page)[-1]["text"] == "The heart is enlarged."
    assert sentences(page)[-1]["flags"]
    assert desk(page).report.edited
    accept = page.button(key="accept report")
    assert accept.label == "Accept with marks"
    assert any(one.value.startswith("1 sentence is not supported by") for one in page.markdown)
    accept.click().run()
    assert desk(page).report.accepted
    assert sentences(page)[-1]["flags"]
    page.selectbox(key="draft shown").set_value(0).run()
    assert not any(one["flags"] for one in sentences(calm(page)))
    assert len(desk(page).drafts) == 2


def test_checks_become_facts_on_request(page):
    switch(page, "Check the map")
    write(page)
    checks = [fact for fact in desk(page).report.facts if fact.check]
    (done,) = page.session_state["session"].checks.values()
    assert [fact.states[0] for fact in checks] == [one.verdict for one in done]
    assert all(one.why in fact.text for fact, one in zip(checks, done, strict=True))
    assert not any(one["flags"] for one in sentences(page))


def test_an_empty_page_says_what_to_do():
    page = dashboard()
    page.switch_page("pages/report.py").run()
    assert any("Drop a film" in one.value for one in calm(page).caption)
