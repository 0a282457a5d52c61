"""A running dashboard and Chromium, by pytest-playwright."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Download, Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.report import provider
from xray.models.registry import entry

ROOT = Path(__file__).parents[2]
QUICK = "findings-cnn"  # the quickest network
PATIENCE = 120_000  # ms; every wait is for a state, so a fast machine never waits so long
ATTEMPT, ATTEMPTS = 10_000, 12  # ms of a click that may be lost, and how often it is repeated
DESKTOP, PHONE = (1440, 900), (390, 844)
STILL = """
const still = new CSSStyleSheet();
still.replaceSync(`*, *::before, *::after {
    animation-duration: 0s !important; animation-delay: 0s !important;
    transition-duration: 0s !important; transition-delay: 0s !important;
}`);
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (options) {
    const root = attach.call(this, options);
    root.adoptedStyleSheets.push(still);
    return root;
};
document.adoptedStyleSheets.push(still);
"""
FITS = """[document.documentElement, ...document.querySelectorAll("[data-testid=stMain]")].every(
    element => element.scrollWidth <= element.clientWidth
)"""
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Repeat a failed test in the browser once: a browser on a busy machine can lose an event."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.flaky(reruns=1))


@contextmanager
def serving(
    script: str, *options: str, launcher: Sequence[str] = ("-m", "streamlit"), **variables: str
) -> Iterator[str]:
    """The address of a script that Streamlit runs.

    Args:
        script: The script.
        options: Options of Streamlit.
        launcher: Arguments of Python that start Streamlit.
        variables: Environment variables.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, *launcher, "run", script, "--server.headless=true", *options]
    command += [f"--server.port={port}", "--server.address=127.0.0.1", "--server.fileWatcherType=none"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | variables, **quiet) as server:
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()


@pytest.fixture(scope="session")
def language_model() -> Iterator[provider.Provider]:
    """A server in place of the local language model."""
    with provider.serving() as running:
        yield running


@pytest.fixture(scope="session")
def address(language_model) -> Iterator[str]:
    """The dashboard that all tests share; each test has a separate browser context and session."""
    with serving("dashboard.py", XRAY_OPENAI_URL=f"{language_model.address}/v1") as address:
        yield address


def wait_for(url: str, patience: float = 60.0) -> None:
    end = time.monotonic() + patience
    while True:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """Chromium of the system; tests are skipped without it."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("Chromium is not installed")
    options = ["--no-sandbox", "--disable-gpu"]
    return browser_type_launch_args | {"executable_path": found, "args": options}


@pytest.fixture
def new_context(new_context: Callable[..., BrowserContext]) -> Callable[..., BrowserContext]:
    """Contexts without animations: drawing them without a GPU takes as much time as the pages."""

    def still(**options: object) -> BrowserContext:
        context = new_context(**options)
        context.add_init_script(STILL)
        return context

    return still


@pytest.fixture
def window(request, new_context) -> Iterator[Page]:
    """An empty page of a desktop's or the parameter's size; it may not show an exception or be too wide."""
    width, height = getattr(request, "param", DESKTOP)
    page = new_context(viewport={"width": width, "height": height}).new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    assert page.get_by_test_id("stException").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def fits_a_phone(page: Page) -> None:
    """Require that nothing is wider than the window of a phone."""
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.wait_for_function(FITS)


def at_rest(page: Page) -> None:
    """Wait until no script runs and no placeholder is shown."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.wait_for_function("document.getAnimations().every(animation => animation.playState !== 'running')")


def click_until(target: Locator, state: Locator, **options: object) -> None:
    """Repeat a click until a state is visible, because a page or table that is being drawn loses clicks.

    Args:
        target: The element to click.
        state: The element that the click shows.
        options: Options of `Locator.click`.
    """
    for _ in range(ATTEMPTS):
        with suppress(PlaywrightTimeout):  # the click before was not lost, and the target is gone
            target.click(timeout=ATTEMPT, **options)
        with suppress(AssertionError):
            expect(state).to_be_visible(timeout=ATTEMPT)
            return
        at_rest(target.page)
    expect(state).to_be_visible()


def download(page: Page, name: str, *, exact: bool = False) -> Download:
    """The file behind a button, which is clicked again if no download starts."""
    button = page.get_by_role("button", name=name, exact=exact)
    with suppress(PlaywrightTimeout):
        return _download(button)
    return _download(button)


def _download(button: Locator) -> Download:
    at_rest(button.page)
    with button.page.expect_download() as downloading:
        button.click()
    return downloading.value


def downloaded(page: Page, name: str, *, exact: bool = False) -> bytes:
    """The content of the file behind a button."""
    return download(page, name, exact=exact).path().read_bytes()


def choose_model(page: Page, model_id: str) -> None:
    """Choose a model in the sidebar."""
    expect(page.get_by_role("heading").first).to_be_visible()
    option = page.get_by_role("option", name=entry(model_id).title)
    click_until(page.get_by_test_id("stSidebar").get_by_role("combobox"), option)
    option.click()


def go_to(page: Page, name: str) -> None:
    """Choose a page in the navigation, which covers the page on a phone."""
    link = page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True)
    expand = page.get_by_test_id("stExpandSidebarButton")
    if expand.is_visible():
        at_rest(page)
        expand.click()
        click_until(link, expand)
    else:
        link.click()
    expect(link).to_have_attribute("aria-current", "page")
    at_rest(page)


def draw(page: Page, share: tuple[float, float, float, float], shape: tuple[int, int]) -> None:
    """Draw a rectangle, given as shares of the film, which is centered in its viewer."""
    canvas = page.locator(".stage canvas").first
    expect(canvas).to_be_visible()
    canvas.scroll_into_view_if_needed()
    frame = canvas.bounding_box()
    height, width = shape
    factor = min(frame["width"] / width, frame["height"] / height)
    left = frame["x"] + (frame["width"] - factor * width) / 2
    top = frame["y"] + (frame["height"] - factor * height) / 2
    x0, x1 = (factor * width * one for one in share[::2])
    y0, y1 = (factor * height * one for one in share[1::2])
    page.mouse.move(left + x0, top + y0)
    page.mouse.down()
    page.mouse.move(left + x1, top + y1, steps=8)
    page.mouse.up()
