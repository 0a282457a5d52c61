"""The What if page in a real browser: draw a box, move a slider, find a flip, undo, analyze."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, QUICK, at_rest, draw, fits_a_phone
from tests.corpus import simulated_png


@pytest.fixture(params=[QUICK])
def page(request, window: Page, address) -> Page:
    window.goto(f"{address}/whatif?model={request.param}")
    expect(window.get_by_role("heading", name="What if the film were different?")).to_be_visible()
    film = {"name": "chest.png", "mimeType": "image/png", "buffer": simulated_png(1)}
    window.locator("input[type=file]").set_input_files(film)
    expect(window.get_by_text("No changes yet.")).to_be_visible()
    at_rest(window)
    return window


@pytest.mark.slow
def test_a_covered_box_and_a_slider_change_the_film_and_its_prediction(page):
    draw(page, (0.3, 0.3, 0.5, 0.5), (512, 512))
    told = page.get_by_text(re.compile(r"\d+ × \d+ px from \d+, \d+ covered \(blur\)"))
    expect(told).to_be_visible()
    across, down, left, top = (int(number) for number in re.findall(r"\d+", told.inner_text()))
    for pixels, share in ((across, 0.2), (down, 0.2), (left, 0.3), (top, 0.3)):
        assert abs(pixels / 512 - share) < 0.02
    expect(page.get_by_text(re.compile(r"changed .*, control [\d.]+% \("))).to_be_visible()
    changed = page.get_by_alt_text("chest.png, changed")
    before = changed.get_attribute("src")
    page.get_by_role("radio", name="Control", exact=True).click()
    control = page.get_by_alt_text("chest.png, control")
    expect(control).to_be_visible()
    assert control.get_attribute("src") != before
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("No changes yet.")).to_be_visible()
    page.get_by_role("button", name="Redo").click()
    expect(told).to_be_visible()

    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_text("No changes yet.")).to_be_visible()
    at_rest(page)
    picture = page.get_by_alt_text("chest.png, changed")
    before = picture.get_attribute("src")
    brightness = page.get_by_role("slider", name="Brightness")
    brightness.press("End")
    expect(picture).not_to_have_attribute("src", before)
    expect(page.get_by_text(re.compile(r"original .*, changed .*\. It is now below"))).to_be_visible()
    expect(page.locator(".xtitle", has_text="Brightness")).to_be_visible()
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_text("No changes yet.")).to_be_visible()
    expect(brightness).to_have_value("0")
    fits_a_phone(page)


@pytest.mark.parametrize("page", ["pneumonia-mobilenet"], indirect=True)
@pytest.mark.slow
def test_the_smallest_change_is_found_tried_and_sent_to_analyze(page):
    page.get_by_role("button", name="Find it").click()
    done = page.get_by_text(re.compile(r"^\d+ passes through the network"))
    expect(done).to_be_visible(timeout=4 * PATIENCE)
    page.get_by_role("button", name="Try").first.click()
    told = page.get_by_text(re.compile(r"It is now below its operating point"))
    expect(told).to_be_visible()
    changed = re.search(r"changed ([\d.]+%)", told.inner_text()).group(1)
    at_rest(page)
    page.get_by_role("button", name="Analyze changed film").click()
    expect(page.get_by_role("heading", name="Analyze a radiograph")).to_be_visible()
    expect(page.get_by_text(re.compile(r"What if: rotation"))).to_be_visible()
    expect(page.locator(".js-plotly-plot .bars .point")).to_have_count(2)
    page.get_by_text("All values", exact=True).click()
    expect(page.get_by_role("cell", name=changed).first).to_be_visible()
