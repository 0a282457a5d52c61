"""The Report page in a real browser: prompt, streamed text, sentences on the film, a local language model."""

import time

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.conftest import QUICK, download
from tests.corpus import simulated_png
from tests.report import provider

TRUE = {"text": "The input gate accepted the film.", "section": "technique", "cites": [5]}
LIE = {"text": "There is a fracture of the fourth rib.", "section": "findings", "cites": [6]}


def slowly(handler: provider.Handler) -> None:
    told = provider.json.dumps
    handler.begin()
    handler.piece('{"sentences": [' + told(TRUE) + ", ")
    time.sleep(2)
    handler.piece(told(LIE) + "]}", "stop")
    handler.end()


@pytest.fixture
def page(window: Page, address) -> Page:
    window.goto(f"{address}/report?model={QUICK}")
    film = {"name": "chest.png", "mimeType": "image/png", "buffer": simulated_png(1)}
    window.locator("input[type=file]").set_input_files(film)
    return window


def ask(page: Page, prompt: str) -> None:
    page.get_by_label("Prompt (optional)").fill(prompt)
    page.get_by_label("Prompt (optional)").press("Control+Enter")


def printed(page: Page) -> str:
    """The text of the PDF, on one line."""
    pages = PdfReader(download(page, "PDF", exact=True).path()).pages
    return " ".join(" ".join(one.extract_text() for one in pages).split())


@pytest.mark.slow
def test_the_template_answers_a_prompt_and_a_sentence_is_found_on_the_film(page):
    ask(page, "Check for fractures in the tibia.")
    page.get_by_role("button", name="Write the report").click()
    sentences = page.locator(".report .sentence")
    expect(sentences.filter(has_text="Fracture was requested and was not assessed")).to_be_visible()
    mapped = sentences.filter(has_text="is highest at").last
    mapped.click()
    expect(mapped).to_have_attribute("aria-pressed", "true")
    finding = mapped.text_content().split("map for ")[1].split(" is highest")[0]
    expect(page.get_by_text(f"Radiograph with the map for {finding}")).to_be_visible()
    expect(page.get_by_role("img", name=f"heatmap for {finding}")).to_be_attached()
    assert "Fracture was requested and was not assessed" in printed(page)

    pointed_at = sentences.nth(3)
    pointed_at.scroll_into_view_if_needed()
    pointed_at.hover()
    expect(pointed_at).to_have_attribute("aria-pressed", "true")


@pytest.mark.slow
def test_a_language_model_streams_after_consent_and_its_false_sentence_is_flagged(page, language_model):
    language_model.answers = [slowly]
    requests = len(language_model.requests)
    page.get_by_text("Local model", exact=True).click()
    expect(page.get_by_role("button", name="Send and write")).to_be_disabled()
    expect(page.get_by_text(f"{language_model.address}/v1", exact=True)).to_be_visible()
    page.get_by_text("I agree that this is sent").click()
    page.get_by_role("button", name="Send and write").click()
    expect(page.get_by_text(TRUE["text"], exact=True).filter(visible=True)).to_be_visible()
    expect(page.get_by_text(LIE["text"], exact=True)).to_have_count(0)  # not there yet: the text streams in
    expect(page.locator(".report .flagged")).to_have_text(LIE["text"] + str(LIE["cites"][0]))
    expect(page.locator(".report .why").first).to_contain_text("No cited fact mentions fracture")
    assert len(language_model.requests) == requests + 1
    told = printed(page)
    assert TRUE["text"] in told
    assert LIE["text"] in told
    assert "No cited fact mentions fracture" in told
    page.get_by_role("button", name="Accept", exact=True).click()
    page.get_by_role("button", name="Accept with marks").click()
    expect(page.get_by_role("button", name="Accept", exact=True)).to_be_disabled()
