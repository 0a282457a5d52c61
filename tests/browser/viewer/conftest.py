"""A planted film in the viewer."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import serving


@pytest.fixture(scope="session")
def app() -> Iterator[str]:
    with serving("tests/browser/viewer/app.py") as address:
        yield address


@pytest.fixture
def page(window: Page, app) -> Page:
    window.sent = []
    window.on("websocket", lambda socket: socket.on("framesent", lambda frame: window.sent.append(frame)))
    window.goto(app)
    for side in (0, 1):
        expect(window.locator(".readout").nth(side)).to_contain_text("window")
    return window
