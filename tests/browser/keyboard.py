"""Use of a page with the keyboard alone."""

from playwright.sync_api import Locator, Page

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
