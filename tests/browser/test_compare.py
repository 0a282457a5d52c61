"""The Compare page in a real browser: linked viewers, and the grid as one picture."""

import io

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import click_until, downloaded
from tests.corpus import simulated_png


@pytest.fixture
def page(window: Page, address) -> Page:
    window.goto(f"{address}/compare")
    films = [
        {"name": f"{seed}.png", "mimeType": "image/png", "buffer": simulated_png(seed)} for seed in (0, 1)
    ]
    window.locator("input[type=file]").set_input_files(films)
    return window


@pytest.mark.slow
def test_all_maps_follow_one_the_grid_is_one_picture_and_two_films_are_side_by_side(page):
    grid = page.locator(".viewer[data-parts=picture]")
    expect(grid.locator("canvas").first).to_be_visible()
    first = grid.locator(".stage canvas").first
    first.scroll_into_view_if_needed()
    first.hover()
    page.keyboard.down("Control")
    for _ in range(4):
        page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    for number in range(1, 3):
        expect(grid.nth(number).locator(".readout")).to_contain_text("zoom 3.3")
    controls = page.locator(".viewer[data-parts=controls]")
    controls.get_by_role("button", name="Whole film").click()
    for number in range(1, 3):
        expect(grid.nth(number).locator(".readout")).to_contain_text("zoom 1.0")
    picture = Image.open(io.BytesIO(downloaded(page, "Grid (PNG)")))
    assert picture.width == 3 * 432 + 12

    click_until(page.get_by_role("tab", name="Two films"), page.get_by_text("Differences"))
    sides = page.get_by_role("tabpanel").filter(has_text="Differences").locator(".viewer")
    expect(sides).to_have_count(2)
    expect(sides.last.locator("canvas").first).to_be_visible()
