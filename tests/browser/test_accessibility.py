"""Every page in both themes against the WCAG 2.1 A and AA rules of axe-core; use by keyboard alone."""

import shlex
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, QUICK, at_rest, serving
from tests.browser.keyboard import choose_in_menu, tab_to

LIGHT = Path(__file__).parents[2] / ".streamlit" / "light.env"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
SAMPLE = "?sample=simulated-chest-opacity"
CONTROLS = {
    "button",
    "checkbox",
    "combobox",
    "link",
    "listbox",
    "menuitem",
    "option",
    "radio",
    "searchbox",
    "slider",
    "spinbutton",
    "switch",
    "tab",
    "textbox",
}
REPEATED = {"Open", "Clear all", "Help", "Link to heading"}  # parts of Streamlit's elements, read after them


def light() -> dict[str, str]:
    """The variables of light.env."""
    words = shlex.split(LIGHT.read_text(encoding="utf-8"), comments=True)
    return dict(word.split("=", 1) for word in words)


@pytest.fixture
def model() -> str:
    return QUICK


@pytest.fixture(params=["dark", "light"])
def page(request, model, new_context, address) -> Iterator[Page]:
    lit = serving("dashboard.py", **light()) if request.param == "light" else nullcontext(address)
    with lit as shown:
        page = new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{shown}/{SAMPLE}&model={model}")
        expect(page.locator(".stage canvas:visible").first).to_be_visible()
        yield page
        page.close()


@pytest.mark.slow
def test_no_page_breaks_a_rule_of_wcag_and_every_control_has_a_name_of_its_own(page, request):
    dark = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert (dark == "rgb(255, 255, 255)") == ("light" in request.node.callspec.id)
    broken = [{"name": f"{name}.txt", "mimeType": "text/plain", "buffer": b"no film"} for name in "ab"]
    page.locator(".st-key-film-upload input[type=file]").set_input_files(broken)
    expect(page.get_by_role("button", name="Close the message")).to_have_count(2)
    links = page.get_by_test_id("stSidebarNav").get_by_role("link")
    for number in range(links.count()):
        links.nth(number).click()
        expect(links.nth(number)).to_have_attribute("aria-current", "page")
        at_rest(page)
        found = Axe().run(page, options=RULES)
        if found.violations_count:  # a rerun dims the page, and can begin while it is examined
            at_rest(page)
            found = Axe().run(page, options=RULES)
        assert not found.violations_count, f"{page.url}\n{found.generate_report()}"
        count = Counter(controls(page))
        assert len(count) > links.count(), page.url
        bad = {(role, name) for role, name in count if not name.strip() or name.endswith(" icon")}
        bad |= {one for one, times in count.items() if times > 1 and one[1] not in REPEATED}
        assert not bad, f"{page.url}: {bad}"


def controls(page: Page) -> list[tuple[str, str]]:
    """Role and name of all controls that can have the focus, as assistive technology receives them."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    return [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in nodes
        if not node["ignored"]
        and node["role"]["value"] in CONTROLS
        and any(
            property["name"] == "focusable" and property["value"]["value"] for property in node["properties"]
        )
    ]


@pytest.mark.parametrize("model", ["pneumonia-mobilenet"])  # of the finding Pneumonia
@pytest.mark.parametrize("page", ["dark"], indirect=True)
@pytest.mark.slow
def test_a_film_is_opened_viewed_and_checked_with_the_keyboard_alone(page):
    page.locator("[class*=st-key-icon-close-] button").first.click()
    expect(page.get_by_text("Drop films")).to_be_visible()
    at_rest(page)
    choose_in_menu(page, "Samples")
    expect(page.get_by_role("img", name="Radiograph simulated-chest")).to_be_visible()
    at_rest(page)
    tab_to(page.locator(".stage canvas").first)
    page.keyboard.press("+")
    expect(page.get_by_text("zoom 1.0")).to_have_count(0)
    page.keyboard.press(" ")
    expect(page.get_by_text("zoom 1.0")).to_have_count(1)
    tab_to(page.get_by_role("radio", name="Normal"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.get_by_text("Where the model looked for Pneumonia")).to_be_visible()
