"""Films and choices survive a reload of the page; another visitor sees nothing of them."""

import io

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PATIENCE, QUICK, at_rest, choose_model
from tests.corpus import simulated_png
from xray.models.registry import entry

NAME = "private-name.png"
KEY = "sessionStorage.getItem('xray-reload-key')"


def colored_png() -> bytes:
    """A colored picture, which the input gate refuses."""
    buffer, ramp = io.BytesIO(), Image.linear_gradient("L")
    Image.merge("RGB", (ramp, ramp.rotate(90), ramp.rotate(180))).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def other(new_context) -> Page:
    """The page of another visitor."""
    page = new_context(viewport=dict(zip(("width", "height"), DESKTOP, strict=True))).new_page()
    page.set_default_timeout(PATIENCE)
    return page


@pytest.mark.slow
def test_a_reload_keeps_films_and_choices_and_no_other_visitor_sees_them(window, other, address):
    window.goto(address)
    choose_model(window, QUICK)
    film = {"name": NAME, "mimeType": "image/png", "buffer": simulated_png(1)}
    window.locator("input[type=file]").set_input_files(film)
    expect(window.get_by_text(f"{NAME} · ")).to_be_visible()
    at_rest(window)
    key = window.evaluate(KEY)
    assert len(key) >= 43  # 256 bits in base64
    window.reload()
    expect(window.get_by_text(f"{NAME} · ")).to_be_visible()
    model = window.get_by_test_id("stSidebar").get_by_role("combobox", name="Model")
    expect(model).to_have_value(entry(QUICK).title)
    at_rest(window)
    assert window.evaluate(KEY) == key
    assert key not in window.url

    refused = {"name": "refused.png", "mimeType": "image/png", "buffer": colored_png()}
    window.locator("input[type=file]").set_input_files(refused)
    expect(window.get_by_role("button", name="Analyze anyway")).to_be_visible()
    at_rest(window)
    window.reload()
    expect(window.get_by_role("button", name="Analyze anyway")).to_be_visible()
    expect(window.get_by_role("button", name=NAME, exact=True)).to_be_visible()
    at_rest(window)

    other.goto(address)
    expect(other.get_by_text("Drop films")).to_be_visible()
    other.evaluate("sessionStorage.setItem('xray-reload-key', 'A'.repeat(43))")  # a guessed key
    other.reload()
    expect(other.get_by_text("Drop films")).to_be_visible()
    other.wait_for_function(f"{KEY} !== 'A'.repeat(43)")
    at_rest(other)
    assert other.get_by_text(NAME).count() == 0
    assert other.evaluate(KEY) != key

    window.get_by_role("button", name="Close all").click()
    expect(window.get_by_text("Drop films")).to_be_visible()
    at_rest(window)
    window.reload()
    expect(window.get_by_text("Drop films")).to_be_visible()
    at_rest(window)
    assert window.get_by_text(NAME).count() == 0
