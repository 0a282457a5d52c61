"""The viewer with a mouse, keys and fingers: its messages to Python, and no requests during a drag."""

import itertools
import re

import pytest
from playwright.sync_api import expect

from tests.browser.viewer.app import FINDING, planted
from tests.browser.viewer.canvas import at_pixel, canvas, drag, heard, middle, pixels, readout


def test_the_value_under_the_pointer_is_that_of_the_film_and_of_the_map(page):
    case = planted()
    heatmap = case.explanation(FINDING).heatmap()
    for place in ((40.5, 50.5), (333.5, 222.5), (880.5, 590.5)):
        page.mouse.move(*at_pixel(page, *place))
        told = readout(page)
        x, y = int(told["x"]), int(told["y"])
        assert (x, y) == (pytest.approx(place[0], abs=2), pytest.approx(place[1], abs=2))
        assert told["gray"] == pytest.approx(case.radiograph.pixels[y, x], abs=5.1e-5)
        assert told["raw"] == pytest.approx(heatmap[y, x], rel=1e-3, abs=1e-4)


def test_dragging_zooming_and_windowing_ask_no_server(page):
    page.wait_for_timeout(1000)
    before, start = len(page.sent), middle(page)
    page.mouse.click(*start)
    for _ in range(5):
        page.mouse.wheel(0, -200)
    assert readout(page, 1)["zoom"] > 2, "the other viewer follows"
    drag(page, start, (120, 60))
    box = canvas(page).bounding_box()
    page.mouse.move(*start)
    page.mouse.down(button="right")
    for step in range(60):
        page.mouse.move(start[0] - step, start[1] + step / 2)
        page.wait_for_timeout(20)
    assert len(page.sent) == before, "and windowing, while the button is down for more than a second"
    page.mouse.up(button="right")
    told = readout(page)
    assert told["width"] == pytest.approx(1 - 2 * 59 / box["width"], abs=0.03)
    expect(page.get_by_test_id("stText")).not_to_contain_text('"window_width": 1')
    assert heard(page)["window_width"] == pytest.approx(told["width"], abs=0.011)
    assert len(page.sent) == before + 1, "one message when all is at rest"


POSES = list(itertools.product((0, 1, 3), (False, True)))


@pytest.mark.parametrize("poses", [POSES[-1:], pytest.param(POSES[:-1], marks=pytest.mark.slow)])
def test_a_rectangle_returns_within_a_pixel_at_any_zoom_and_rotation(page, poses):
    for turns, mirrored in poses:
        canvas(page).focus()
        for key in (" ", *turns * "r", *mirrored * "x"):
            page.keyboard.press(key)
        page.mouse.move(*middle(page))
        page.mouse.wheel(0, -300)
        corners = []
        start, by = (middle(page)[0] - 60, middle(page)[1] - 40), (100, 70)
        for x, y in (start, (start[0] + by[0], start[1] + by[1])):
            page.mouse.move(x, y)
            shown = readout(page)
            corners.append((shown["x"], shown["y"]))
        page.get_by_role("button", name="Mark: rectangle").click()
        drag(page, start, by)
        expect(page.get_by_test_id("stText")).to_contain_text('"kind": "rectangle"')
        (region,) = heard(page)["regions"]
        assert region["points"] == [
            pytest.approx([min(corner[axis] for corner in corners) for axis in (0, 1)], abs=1),
            pytest.approx([max(corner[axis] for corner in corners) for axis in (0, 1)], abs=1),
        ], (turns, mirrored)
        page.get_by_role("button", name="Mark: rectangle").click()
        canvas(page).focus()
        page.keyboard.press("Backspace")
        expect(page.get_by_test_id("stText")).to_contain_text('"regions": []')


@pytest.mark.slow
def test_a_stroke_is_drawn_undone_and_kept_when_data_reload(page):
    page.get_by_role("button", name="Mark: brush").click()
    drag(page, at_pixel(page, 300, 300), (80, 0))
    expect(page.get_by_test_id("stText")).to_contain_text('"kind": "brush"')
    (region,) = heard(page)["regions"]
    assert region["points"][0] == pytest.approx([300, 300], abs=1)
    assert region["radius"] > 10
    canvas(page).focus()
    page.keyboard.press("Backspace")
    expect(page.get_by_test_id("stText")).to_contain_text('"regions": []')


@pytest.mark.slow
def test_every_key_does_the_same_as_its_button(page):
    canvas(page).focus()
    for key, name in (
        ("i", "Invert (I)"),
        ("h", "Heatmap on or off (H)"),
        ("l", "Outline of the lungs (L)"),
        ("m", "Magnifier (M)"),
        ("x", "Mirror (X)"),
    ):
        button = page.get_by_role("button", name=name).first
        before = button.get_attribute("aria-pressed")
        page.keyboard.press(key)
        expect(button).not_to_have_attribute("aria-pressed", before)
    page.keyboard.press("2")
    assert readout(page)["window"] == 0.3
    page.keyboard.press("+")
    assert readout(page)["zoom"] == pytest.approx(1.3, abs=0.06)
    page.keyboard.press(" ")
    assert readout(page)["zoom"] == 1
    opacity = page.get_by_role("slider", name="Opacity").first
    page.keyboard.press("]")
    expect(opacity).to_have_value("0.65")


def test_the_wheel_scrolls_the_page_until_the_film_is_clicked_or_control_is_held(page):
    page.set_viewport_size({"width": 1440, "height": 420})
    main = page.get_by_test_id("stMain")
    page.mouse.move(*middle(page))
    page.mouse.wheel(0, 40)
    expect(page.locator(".readout").first).to_contain_text("hold Ctrl")
    page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollTop > 0")
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    expect(page.locator(".readout").nth(1)).to_contain_text("zoom 1.3")
    page.mouse.click(*middle(page))
    scrolled = main.evaluate("main => main.scrollTop")
    page.mouse.wheel(0, -200)
    expect(page.locator(".readout").nth(1)).to_contain_text("zoom 1.8")
    assert main.evaluate("main => main.scrollTop") == scrolled


def test_one_finger_scrolls_the_page_and_two_fingers_zoom_the_film(new_context, app):
    page = new_context(viewport={"width": 390, "height": 600}, has_touch=True, is_mobile=True).new_page()
    page.goto(app)
    expect(page.locator(".readout").first).to_contain_text("window")
    touch = page.context.new_cdp_session(page)
    main = page.get_by_test_id("stMain")

    def fingers(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    x, y = middle(page)
    fingers("touchStart", (x, y))
    for step in range(1, 11):
        fingers("touchMove", (x, y - 12 * step))
    fingers("touchEnd")
    page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollTop > 50")
    expect(page.locator(".readout").first).to_contain_text("zoom 1.0")
    page.wait_for_timeout(300)
    scrolled = main.evaluate("main => main.scrollTop")
    x, y = middle(page)
    fingers("touchStart", (x - 20, y), (x + 20, y))
    for step in range(1, 11):
        fingers("touchMove", (x - 20 - 4 * step, y), (x + 20 + 4 * step, y))
    fingers("touchEnd")
    expect(page.locator(".readout").nth(1)).to_contain_text("zoom 3.0")
    assert main.evaluate("main => main.scrollTop") == scrolled


def test_the_ruler_measures_millimeters_with_the_spacing_of_each_axis(page):
    """Rows are 0.5 mm and columns 0.25 mm apart: 400 columns and 150 rows are 100 mm and 75 mm, so 125 mm."""
    page.get_by_role("button", name="Ruler (D)").first.click()
    before = pixels(page)
    start, end = at_pixel(page, 200, 200), at_pixel(page, 600, 350)
    drag(page, start, (end[0] - start[0], end[1] - start[1]))
    assert (pixels(page) != before).any()
    length = page.locator(".readout").first.inner_text()
    assert float(re.search(r"distance ([\d.]+) mm", length)[1]) == pytest.approx(125, abs=0.6)
    page.keyboard.press("Backspace")
    expect(page.locator(".readout").first).not_to_contain_text("distance")
