"""Every page with a film at the size of a phone: nothing is wider than the window, nothing fails to load."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, QUICK, go_to
from xray.settings import ROOT

PAGES = len(list((ROOT / "pages").glob("*.py")))


@pytest.mark.slow
@pytest.mark.parametrize("window", [PHONE], indirect=True)
def test_no_page_is_wider_than_a_phone_or_has_an_error_in_the_console(window: Page, address):
    problems = []
    window.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    window.on("pageerror", lambda error: problems.append(str(error)))
    window.goto(f"{address}/?sample=simulated-chest-opacity&model={QUICK}")
    expect(window.get_by_text("Model predictions")).to_be_visible()
    links = window.get_by_test_id("stSidebarNav").get_by_role("link").all_inner_texts()
    assert len(links) == PAGES
    for link in links:
        name = link.splitlines()[-1]  # behind the name of its icon
        go_to(window, name)
        main = window.get_by_test_id("stMain")
        assert main.evaluate("main => main.scrollWidth <= main.clientWidth"), name
        assert window.get_by_test_id("stException").count() == 0, name
        assert not problems, name
