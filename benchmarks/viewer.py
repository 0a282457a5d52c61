"""The viewer with a film of 3000 x 3000 pixels and 16 bits in headless Chromium: loading and frame rates.

python -m benchmarks.viewer --json
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from playwright.sync_api import Page
from streamlit import runtime

from benchmarks.browser import serving
from benchmarks.timing import as_text
from xray.types import Radiograph

SIDE, PORT, SECONDS = 3000, 8737, 3.0
COUNT_FRAMES = """() => {
  window.frames_drawn = 0;
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (...area) {
    window.frames_drawn++;
    return clear.apply(this, area);
  };
}"""


def app() -> None:
    """The measured page."""
    import streamlit as st

    from xray.ui.viewer import viewer

    st.set_page_config(layout="wide")
    if "film" not in st.session_state:
        pixels = np.random.default_rng(0).random((SIDE, SIDE), np.float32)
        st.session_state["film"] = Radiograph(pixels, "noise.png", bit_depth=16)
    viewer(st.session_state["film"], key="film")


def measure() -> dict[str, float]:
    """Milliseconds from the request of the film to the first frame; frames per second while it is dragged."""
    with serving(__file__, PORT) as (browser, address):
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.add_init_script(f"({COUNT_FRAMES})()")
        asked: list[float] = []
        page.on("request", lambda one: one.url.endswith(".bin") and asked.append(time.perf_counter()))
        page.goto(address)
        page.wait_for_function("() => window.frames_drawn > 0", timeout=60_000)
        figures = {"loaded_ms": 1000 * (time.perf_counter() - asked[0])}
        figures["pan_fps"] = frame_rate(page, "left")
        figures["window_fps"] = frame_rate(page, "right")
        page.mouse.wheel(0, -900)
        figures["pan_zoomed_fps"] = frame_rate(page, "left")
    return figures


def frame_rate(page: Page, button: str) -> float:
    """Frames per second while the mouse moves continuously."""
    box = page.locator(".stage canvas").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down(button=button)
    before, began, step = page.evaluate("window.frames_drawn"), time.perf_counter(), 0
    while time.perf_counter() - began < SECONDS:
        step += 1
        page.mouse.move(x + 150 * np.sin(step / 20), y + 100 * np.cos(step / 20))
    drawn = page.evaluate("window.frames_drawn") - before
    passed = time.perf_counter() - began
    page.mouse.up(button=button)
    return drawn / passed


if runtime.exists():
    app()
elif __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    print(as_text(measure(), as_json=parser.parse_args().json))
