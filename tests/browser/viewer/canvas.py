"""Positions, drags and pixels on the canvas of the viewer."""

import base64
import io
import json
import re

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page

from tests.browser.viewer.app import HEIGHT, WIDTH

NUMBER = r"-?\d[\d.e-]*"


def canvas(page: Page, side: int = 0):
    return page.locator(".stage canvas").nth(side)


def middle(page: Page, side: int = 0) -> tuple[float, float]:
    box = canvas(page, side).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, start: tuple[float, float], by: tuple[float, float], button: str = "left") -> None:
    page.mouse.move(*start)
    page.mouse.down(button=button)
    for step in range(1, 21):
        page.mouse.move(start[0] + by[0] * step / 20, start[1] + by[1] * step / 20)
    page.mouse.up(button=button)


def readout(page: Page, side: int = 0) -> dict[str, float]:
    """The status line of a viewer: x, y, gray, raw, window, zoom."""
    page.wait_for_timeout(150)
    told = page.locator(".readout").nth(side).inner_text()
    found = {
        name: float(value) for name, value in re.findall(rf"(x|y|gray|raw|window|zoom) ({NUMBER})", told)
    }
    if half := re.search(rf"± ({NUMBER})", told):
        found["width"] = 2 * float(half[1])
    return found


def heard(page: Page) -> dict:
    """The messages that Python has received."""
    return json.loads(page.get_by_test_id("stText").inner_text())


def at_pixel(page: Page, x: float, y: float, side: int = 0) -> tuple[float, float]:
    """The position of a source pixel on the screen while the whole film is visible."""
    box = canvas(page, side).bounding_box()
    factor = min(box["width"] / WIDTH, box["height"] / HEIGHT)
    left, top = middle(page, side)
    return left + (x - WIDTH / 2) * factor, top + (y - HEIGHT / 2) * factor


def pixels(page: Page, side: int = 0) -> np.ndarray:
    page.wait_for_timeout(200)
    return content(canvas(page, side))


def content(shown: Locator) -> np.ndarray:
    """The pixels of a canvas, [height, width, RGBA]."""
    url = shown.evaluate("canvas => canvas.toDataURL('image/png')")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).convert("RGBA"))
