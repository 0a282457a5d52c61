"""The Models page in a real browser, opened by its own address before any other."""

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["desktop", "phone"])
def test_a_page_opened_first_by_its_own_address_is_whole(new_context, address, size):
    page = new_context(viewport={"width": size[0], "height": size[1]}).new_page()
    outside = []
    page.on(
        "request", lambda request: outside.append(request.url) if address[7:] not in request.url else None
    )
    page.goto(f"{address}/models")
    expect(page.get_by_role("heading", name="Models", exact=True)).to_be_visible()
    expect(page.get_by_text("Never for diagnosis").first).to_be_visible()
    expect(page.get_by_text("python -m xray evaluate").first).to_be_visible()
    expect(page.locator("[data-test-script-state=notRunning]").first).to_be_attached()
    assert page.get_by_test_id("stException").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert not [url for url in outside if not url.startswith(("data:", "blob:"))]
    page.close()
