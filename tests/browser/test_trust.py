"""Methods and trust card in a real browser, and stopping a slow map."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, at_rest, choose_model, click_until
from tests.corpus import simulated_png
from xray.evidence import CHECKS

MODEL = "findings-cnn"  # the quickest network


@pytest.fixture
def page(window: Page, address, request) -> Page:
    window.goto(f"{address}/trust" if "trust_page" in request.node.name else address)
    choose_model(window, MODEL)
    film = {"name": "chest.png", "mimeType": "image/png", "buffer": simulated_png(1)}
    window.locator("input[type=file]").set_input_files(film)
    return window


def choose_method(page: Page, title: str) -> None:
    """Choose a method once the page is idle, because a rerun closes an open menu."""
    expect(page.locator(".stage canvas").first).to_be_visible()
    at_rest(page)
    menu = page.locator(f".st-key-method-{MODEL}").get_by_role("combobox")
    click_until(menu, page.get_by_role("option").first)
    menu.fill(title)  # the menu holds no more options than are in sight
    page.get_by_role("option", name=title).click()


def test_a_map_is_checked_and_every_check_states_its_reason(page):
    click_until(page.get_by_role("button", name="Check map"), page.get_by_text("checks passed"))
    for question in CHECKS.values():
        expect(page.get_by_text(f"{question.title}: {question.question}", exact=True)).to_be_attached()
    how = page.locator(".st-key-how-deletion").get_by_role("button")
    click_until(how, page.get_by_text("How it can mislead."))


@pytest.mark.slow
def test_a_slow_map_is_stopped(page):
    choose_method(page, "RISE")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Grad-CAM at")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)


@pytest.mark.slow
def test_the_trust_page_lays_methods_side_by_side(page):
    for title in ("Grad-CAM", "LayerCAM"):
        expect(page.get_by_role("img", name=re.compile(rf"^Radiograph .*, {title}$"))).to_be_visible()
    page.get_by_text("Run all checks for every map").click()
    expect(page.get_by_test_id("stDataFrame").filter(visible=True)).to_have_count(1)
    expect(page.get_by_text("✓ passed, ✗ failed")).to_be_visible(timeout=4 * PATIENCE)
