"""The History page in a real browser: turn on, find, rate, recognize and delete a film."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, click_until, downloaded, serving
from tests.corpus import simulated_png
from xray.history import query
from xray.history.crypto import history_key
from xray.history.filters import Filter
from xray.history.opening import FILE, URL
from xray.history.query import Line
from xray.history.store import Store


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("history")


@pytest.fixture(scope="module")
def address(folder) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XRAY_DATA_DIR", str(folder))
        with serving("dashboard.py") as address:
            yield address


@pytest.fixture
def page(window: Page, address) -> Page:
    window.goto(address)
    return window


def sidebar(page: Page, *, opened: bool) -> None:
    """On a phone the sidebar covers the page."""
    if page.viewport_size["width"] < 700:
        name = "stExpandSidebarButton" if opened else "stSidebarCollapseButton"
        page.get_by_test_id(name).click()


def go(page: Page, name: str) -> None:
    sidebar(page, opened=True)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
    sidebar(page, opened=False)


def drop(page: Page) -> None:
    film = {"name": "chest.png", "mimeType": "image/png", "buffer": simulated_png(0)}
    page.locator("input[type=file]").set_input_files(film)
    expect(page.get_by_text("Model predictions")).to_be_visible(timeout=3 * PATIENCE)


def open_first(page: Page) -> None:
    """Open the details of the first film in the table."""
    table, comment = page.get_by_test_id("stDataFrame").first, page.get_by_role("textbox", name="Comment")
    click_until(table, comment, position={"x": 150, "y": 66})


def saved_feedback(store: Store) -> Line:
    """Wait until a film with feedback is in the database."""
    deadline = time.monotonic() + PATIENCE / 1000
    while not (rows := query.page(store, "", Filter(feedback="disagreed"))):
        assert time.monotonic() < deadline, "the feedback was not saved"
        time.sleep(0.1)
    (row,) = rows
    return row


@pytest.mark.slow
def test_a_film_is_stored_rated_recognized_and_deleted(page, folder):
    expect(page.get_by_text("Never for diagnosis").first).to_be_visible(timeout=3 * PATIENCE)
    sidebar(page, opened=True)
    page.get_by_text("Keep results on this computer").click()
    expect(page.get_by_text("With file names")).to_be_visible()
    sidebar(page, opened=False)
    drop(page)
    expect(page.get_by_text("Seen before")).to_have_count(0)

    go(page, "History")
    expect(page.get_by_text("1 film, newest first.")).to_be_visible()
    open_first(page)
    expect(page.get_by_alt_text("Grad-CAM of")).to_be_visible()
    page.get_by_role("radio", name="Disagree").click()
    page.get_by_role("textbox", name="Comment").fill("a rib, no opacity")
    page.get_by_role("button", name="Save").click()
    store = Store(URL.create("sqlite", database=str(folder / FILE)), history_key())
    kept = saved_feedback(store)
    assert query.details(store, "", kept.id).comment == "a rib, no opacity"

    page.reload()
    expect(page.get_by_text("1 film, newest first.")).to_be_visible()
    open_first(page)
    expect(page.get_by_role("textbox", name="Comment")).to_have_value("a rib, no opacity")
    expect(page.get_by_role("radio", name="Disagree")).to_be_checked()

    go(page, "Analyze")
    drop(page)
    expect(page.get_by_text("You disagreed.")).to_be_visible()

    go(page, "History")
    page.get_by_text("Your data", exact=True).click()
    assert "a rib, no opacity" in downloaded(page, "CSV").decode()
    page.get_by_role("button", name="Delete all").click()
    page.get_by_role("button", name="Yes, delete all").click()
    expect(page.get_by_text("Nothing is stored yet")).to_be_visible()
    assert query.count(store, "") == 0
    assert kept.pixels_sha256.encode() not in (folder / FILE).read_bytes()
    store.set_preference("", keep=False, keep_names=False)
    store.close()
