"""The Analyze page in a real browser: upload, viewer, download; no request leaves the machine."""

import dataclasses
import io
import json
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import at_rest, click_until, download, downloaded, go_to
from tests.corpus import simulated_png
from tests.parity import assert_same, assert_same_map, assert_same_picture
from xray.io import read_radiograph
from xray.io.encode import case_json
from xray.pipeline import analyze
from xray.render.overlay import Drawing, colors, draw, strength


@pytest.fixture
def page(window: Page, address) -> Iterator[Page]:
    """The dashboard; fails if another host was requested."""
    asked: list[str] = []
    window.on("request", lambda one: asked.append(one.url))
    window.goto(address)
    expect(window.get_by_role("heading", name="Analyze a radiograph")).to_be_visible()
    yield window
    assert not [url for url in asked if not url.startswith((address, "data:", "blob:"))]


@pytest.fixture(scope="module")
def chest() -> bytes:
    return simulated_png(1)


def upload(page: Page, name: str, data: bytes) -> None:
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "image/png", "buffer": data})


@pytest.mark.slow
def test_films_dropped_in_quick_succession_all_arrive(page):
    for number in range(1, 4):
        upload(page, f"film-{number}.png", simulated_png(number))
    for number in range(1, 4):
        expect(page.get_by_role("button", name=f"film-{number}.png", exact=True)).to_be_visible()
    expect(page.get_by_test_id("stFileChip").first).to_be_hidden()  # the open films have chips of their own
    expect(page.get_by_role("button", name="Add files")).to_be_visible()


@pytest.mark.slow
def test_a_chip_shows_its_film_and_stays_in_sight(page):
    name = f"of a film with a {'long ' * 30}name.png"
    for number in range(1, 4):
        upload(page, f"number {number} {name}", simulated_png(number))
    names = page.locator("[class*=st-key-show-] button").filter(visible=True)
    expect(names).to_have_count(3)
    expect(names.nth(2)).to_contain_text("number 3")
    assert all(one.bounding_box()["width"] < 300 for one in names.all())
    page.set_viewport_size({"width": 800, "height": 900})
    page.locator(".st-key-film-chips").evaluate("bar => bar.scrollLeft = 0")
    expect(names.nth(1)).not_to_be_in_viewport()
    expect(names.nth(2)).to_be_in_viewport()
    page.get_by_role("img", name="Thumbnail").first.click(force=True)  # the button covers the whole chip
    expect(page.get_by_role("img", name=f"Radiograph number 1 {name}")).to_be_visible()


def test_a_film_is_uploaded_looked_at_and_its_results_downloaded(page, chest):
    upload(page, "chest.png", chest)
    case = analyze(read_radiograph(chest, "chest.png"))
    finding = case.answer.finding
    expect(page.locator(".js-plotly-plot .bars .point")).to_have_count(2)
    expect(page.get_by_text(f"Where the model looked for {finding}")).to_be_visible()
    expect(page.get_by_role("img", name=f"chest.png with the heatmap for {finding}")).to_be_visible()
    still = page.locator(".stage img")
    before = still.get_attribute("src")

    page.get_by_role("button", name="Downloads").click()
    explanation = case.explanation(finding)
    assert_same(json.loads(downloaded(page, "Case (JSON)")), json.loads(case_json(case)))
    raw_map = np.load(io.BytesIO(downloaded(page, "Raw map (NPY)")))
    assert_same_map(raw_map, explanation.raw_map)
    heatmap = Image.open(io.BytesIO(downloaded(page, "Heatmap (PNG)")))
    assert "Never for diagnosis" in heatmap.text["Description"]
    expected = colors(strength(explanation.heatmap(), explanation.raw_max), Drawing().colormap)
    assert_same_picture(np.asarray(heatmap), expected)

    page.keyboard.press("Escape")
    page.get_by_role("slider", name="Opacity").press("ArrowRight")
    expect(still).not_to_have_attribute("src", before)
    page.get_by_role("button", name="Downloads").click()
    file = download(page, "Overlay (PNG)")
    assert file.suggested_filename == f"chest-{finding.lower()}-overlay.png"
    overlay = np.asarray(Image.open(file.path()))
    moved = dataclasses.replace(Drawing(), opacity=0.61)
    assert overlay.shape == (512, 512, 3)
    assert_same_picture(overlay, draw(case, finding, moved))
    assert not np.array_equal(overlay, draw(case, finding, Drawing()))


def inside(page: Page, target: Locator) -> bool:
    """Whether an element lies in the window without scrolling."""
    box, size = target.bounding_box(), page.viewport_size
    return (
        min(box["x"], box["y"]) >= 0
        and box["x"] + box["width"] <= size["width"]
        and box["y"] + box["height"] <= size["height"]
    )


@pytest.mark.slow
def test_a_first_minute_needs_no_scrolling(page, chest):
    """An example is clicked, a film dropped, call and verdict are read, the overlay is downloaded."""
    example = page.get_by_role("button", name="Uncertain")
    assert inside(page, example)
    click_until(example, page.get_by_text("Answer:"))
    upload(page, "chest.png", chest)
    film = page.get_by_role("img", name="chest.png with the heatmap for")
    expect(film).to_be_visible()
    at_rest(page)
    answer, verdict = page.get_by_text("Answer:"), page.get_by_text("Map: not checked")
    bars, menu = page.locator(".js-plotly-plot"), page.get_by_role("button", name="Downloads")
    for target in (film, answer, verdict, bars, menu):
        assert inside(page, target)
    menu.click()
    overlay = page.get_by_role("button", name="Overlay (PNG)")
    expect(overlay).to_be_visible()
    assert inside(page, overlay)


@pytest.mark.slow
def test_a_film_of_any_name_stays_open_and_a_broken_one_gets_a_message_and_no_stack_trace(page, chest):
    name = "**a** _b_ $c$ :red[d] ![e](f.png) `g` ~h~.png"
    upload(page, name, chest)
    expect(page.get_by_text(f"{name} · 512 × 512 px · 8 bit")).to_be_visible()
    go_to(page, "History")
    expect(page.get_by_role("heading", name="History", exact=True)).to_be_visible()
    go_to(page, "Analyze")
    expect(page.get_by_text(f"{name} · 512 × 512 px · 8 bit")).to_be_visible()
    page.locator("[class*=st-key-icon-close-] button").first.click()
    expect(page.get_by_text("Drop films")).to_be_visible()

    upload(page, "broken.png", b"\x89PNG\r\n\x1a\n and then nothing")
    message = page.get_by_role("alert").filter(
        has_text="broken.png is a PNG file that is cut short or damaged."
    )
    expect(message).to_be_visible()
    assert page.get_by_text("Traceback").count() == 0
