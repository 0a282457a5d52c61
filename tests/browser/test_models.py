"""The Models page in a real browser, opened directly by its address."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import at_rest


@pytest.mark.slow
def test_a_page_opened_by_its_address_is_complete(window: Page, address):
    outside = []
    window.on(
        "request", lambda request: outside.append(request.url) if address[7:] not in request.url else None
    )
    window.goto(f"{address}/models")
    expect(window.get_by_role("heading", name="Models", exact=True)).to_be_visible()
    expect(window.get_by_text("Never for diagnosis").first).to_be_visible()
    expect(window.get_by_text("python -m xray evaluate").first).to_be_visible()
    at_rest(window)
    assert not [url for url in outside if not url.startswith(("data:", "blob:"))]
