"""Detection thresholds in a real browser: answer all films, then see both curves."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import at_rest, click_until, downloaded, fits_a_phone

FILMS = 32


@pytest.mark.slow
def test_all_films_are_answered_and_both_curves_shown(window: Page, address):
    window.goto(f"{address}/learn?part=Thresholds&model=pneumonia-mobilenet")
    start = window.get_by_role("button", name="Start")
    expect(start).to_be_visible()
    at_rest(window)
    option = window.get_by_role("option", name=str(FILMS))
    click_until(window.get_by_role("combobox", name="Films"), option)
    option.click()
    at_rest(window)
    start.click()
    for number in range(FILMS):
        expect(window.get_by_text(f"Film {number + 1} of {FILMS}")).to_be_visible()
        expect(window.get_by_text("operating point")).to_have_count(0)
        at_rest(window)
        window.get_by_role("button", name="No", exact=True).click()
    expect(window.get_by_text("above 1.6 by you")).to_be_visible()
    expect(window.get_by_text("0 of 8: 0%").first).to_be_visible()
    expect(window.locator(".js-plotly-plot")).to_be_visible()
    rows = downloaded(window, "Answers (CSV)").decode().splitlines()
    assert len(rows) == 1 + 2 * FILMS
    fits_a_phone(window)
