"""The Report page in a real browser: prompt, streamed text, sentences on the film, a local language model."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser import conftest
from tests.browser.conftest import choose_model
from tests.corpus import simulated_png
from tests.report import provider

MODEL = "findings-cnn"  # the quickest network
TRUE = {"text": "The input gate accepted the film.", "section": "technique", "cites": [3]}
LIE = {"text": "There is a fracture of the fourth rib.", "section": "findings", "cites": [4]}


@pytest.fixture(scope="module")
def server() -> Iterator[provider.Provider]:
    """A local language model; it pauses within its answer."""
    with provider.serving() as running:
        running.answers = [slowly]
        yield running


def slowly(handler: provider.Handler) -> None:
    told = provider.json.dumps
    handler.begin()
    handler.piece('{"sentences": [' + told(TRUE) + ", ")
    time.sleep(2)
    handler.piece(told(LIE) + "]}", "stop")
    handler.end()


@pytest.fixture(scope="module")
def address(server) -> Iterator[str]:
    """A dashboard whose local model is the stand-in."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XRAY_OPENAI_URL", f"{server.address}/v1")
        with conftest.serving("dashboard.py") as running:
            yield running


@pytest.fixture
def page(window: Page, address) -> Page:
    window.goto(f"{address}/report")
    choose_model(window, MODEL)
    film = {"name": "chest.png", "mimeType": "image/png", "buffer": simulated_png(1)}
    window.locator("input[type=file]").set_input_files(film)
    return window


def ask(page: Page, prompt: str) -> None:
    page.get_by_label("Prompt (optional)").fill(prompt)
    page.get_by_label("Prompt (optional)").press("Control+Enter")


def printed(page: Page) -> str:
    """The text of the PDF, on one line."""
    with page.expect_download() as downloading:
        page.get_by_role("button", name="PDF", exact=True).click()
    pages = PdfReader(downloading.value.path()).pages
    return " ".join(" ".join(one.extract_text() for one in pages).split())


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


def test_a_language_model_streams_after_consent_and_its_false_sentence_is_flagged(page, server):
    asked = len(server.requests)
    page.get_by_text("Local model", exact=True).click()
    expect(page.get_by_role("button", name="Send and write")).to_be_disabled()
    expect(page.get_by_text(f"{server.address}/v1", exact=True)).to_be_visible()
    page.get_by_text("I agree that this is sent").click()
    page.get_by_role("button", name="Send and write").click()
    expect(page.get_by_text(TRUE["text"], exact=True).filter(visible=True)).to_be_visible()
    expect(page.get_by_text(LIE["text"], exact=True)).to_have_count(0)  # not there yet: the text streams in
    expect(page.locator(".report .flagged")).to_have_text(LIE["text"] + "4")
    expect(page.locator(".report .why").first).to_contain_text("No cited fact mentions fracture")
    assert len(server.requests) == asked + 1
    told = printed(page)
    assert TRUE["text"] in told
    assert LIE["text"] in told
    assert "No cited fact mentions fracture" in told
    page.get_by_role("button", name="Accept", exact=True).click()
    expect(page.get_by_role("button", name="Accept", exact=True)).to_be_disabled()


def test_pointing_at_a_sentence_marks_it(page):
    page.get_by_role("button", name="Write the report").click()
    sentence = page.locator(".report .sentence").nth(3)
    sentence.scroll_into_view_if_needed()
    sentence.hover()
    expect(sentence).to_have_attribute("aria-pressed", "true")
