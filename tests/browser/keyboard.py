"""Use of a page with the keyboard alone."""

from playwright.sync_api import Locator, Page, expect

MOST = 150  # Tab presses until a control must have been reached


def tab_to(target: Locator) -> None:
    """Press Tab until a control has the focus."""
    for _ in range(MOST):
        target.page.keyboard.press("Tab")
        if target.evaluate("element => element.getRootNode().activeElement === element"):
            return
    raise AssertionError(f"Tab never comes to {target}")


def press(page: Page, *keys: str) -> None:
    """Press keys one after the other."""
    for key in keys:
        page.keyboard.press(key)


def choose_in_menu(page: Page, name: str) -> None:
    """Open a menu and choose an item."""
    tab_to(page.get_by_role("button", name=name))
    press(page, "Enter")
    expect(page.get_by_role("menu")).to_be_focused()
    press(page, "ArrowDown")
    expect(page.locator("[role=menuitem]:focus")).to_be_visible()
    press(page, "Enter")
