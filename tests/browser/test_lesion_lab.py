"""The lesion lab in a real browser: a click places the lesion, and the answer follows."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import at_rest, fits_a_phone
from tests.corpus import simulated_png


@pytest.mark.slow
def test_a_click_places_the_lesion_and_the_answer_follows(window: Page, address):
    window.goto(f"{address}/whatif?model=pneumonia-mobilenet")
    film = {"name": "chest.png", "mimeType": "image/png", "buffer": simulated_png(1)}
    window.locator("input[type=file]").set_input_files(film)
    expect(window.get_by_text("No changes yet.")).to_be_visible()
    window.get_by_role("radio", name="Lesions", exact=True).click()
    told = window.get_by_text(re.compile(r"Pneumonia: original .*, with lesion"))
    expect(told).to_be_visible()
    at_rest(window)
    before = told.inner_text()
    canvas = window.locator(".stage canvas").first
    frame = canvas.bounding_box()
    side = min(frame["width"], frame["height"])
    x, y = (frame[edge] + (frame[length] - side) / 2 for edge, length in (("x", "width"), ("y", "height")))
    window.mouse.click(x + 0.3 * side, y + 0.4 * side)
    place = [window.get_by_label(f"{axis} (px)") for axis in "xy"]
    expect(place[0]).to_have_value(re.compile("^15[0-9]$"))
    expect(place[1]).to_have_value(re.compile("^20[0-9]$"))
    expect(told).not_to_have_text(before)
    window.get_by_text("Remove it again by inpainting").click()
    expect(window.get_by_text(re.compile(r"with lesion .*, inpainted [\d.]+%"))).to_be_visible()
    fits_a_phone(window)
