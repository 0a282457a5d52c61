"""The viewer with a real mouse: display, messages to Python, and dragging without server requests."""

import base64
import io
import itertools
import json
import re
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import serving
from tests.browser.viewer_app import FINDING, HEIGHT, WIDTH, planted
from xray.render.overlay import Drawing, draw, overlay

NUMBER = r"-?\d[\d.e-]*"


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    with serving("tests/browser/viewer_app.py") as address:
        yield address


@pytest.fixture
def page(window: Page, app) -> Page:
    window.sent = []
    window.on("websocket", lambda socket: socket.on("framesent", lambda frame: window.sent.append(frame)))
    window.goto(app)
    for side in (0, 1):
        expect(window.locator(".readout").nth(side)).to_contain_text("window")
    return window


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


def pixels(page: Page, side: int = 0) -> np.ndarray:
    page.wait_for_timeout(200)
    url = canvas(page, side).evaluate("canvas => canvas.toDataURL('image/png')")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).convert("RGBA"))


@pytest.mark.slow
def test_the_swipe_line_parts_film_and_heatmap(page):
    canvas(page).focus()
    with_map = pixels(page)
    page.keyboard.press("h")
    film = pixels(page)
    page.keyboard.press("h")
    page.keyboard.press("s")
    swiped, half = pixels(page), film.shape[1] // 2
    assert np.array_equal(swiped[:, : half - 20], film[:, : half - 20])
    right = np.s_[:, half + 20 :]
    assert alike(swiped[right], with_map[right]) > 0.99
    assert alike(film[right], with_map[right]) < 0.9


def test_the_colors_of_film_and_legend_are_those_of_the_overlay(page):
    """The film of the test changes so little between neighbors that a pixel on screen is one of the film."""
    case, shown = planted(), pixels(page)
    expected = draw(case, FINDING, Drawing())
    box = canvas(page).bounding_box()
    for x, y in ((100, 100), (300, 200), (460, 330), (700, 480), (800, 90)):
        left, top = at_pixel(page, x, y)
        seen = shown[round(top - box["y"]), round(left - box["x"]), :3]
        assert seen.astype(int) == pytest.approx(expected[y, x].astype(int), abs=8), (x, y)
    url = page.locator(".scale canvas").first.evaluate("canvas => canvas.toDataURL('image/png')")
    legend = np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).convert("RGB"))[0]
    ramp = ((np.arange(140) + 0.5) / 140).astype(np.float32)[None]
    over_gray = overlay(np.full_like(ramp, 128 / 255), ramp, Drawing())[0]
    assert legend.astype(int) == pytest.approx(over_gray.astype(int), abs=3)


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


@pytest.mark.slow
def test_the_outline_of_the_lungs_is_drawn_on_request(page):
    """The lungs of the planted film reach from 19 to 41 of 96 columns at the height of 45 of 96 rows."""
    canvas(page).focus()
    page.keyboard.press("h")
    plain = pixels(page)
    page.keyboard.press("l")
    changed = (pixels(page) != plain).any(-1)
    rows, columns = changed.shape
    assert 0.002 < changed.mean() < 0.05
    edge = round(19 / 96 * columns)
    assert changed[round(45 / 96 * rows), edge - 4 : edge + 5].any()
    assert not changed[round(45 / 96 * rows), round(25 / 96 * columns) : round(35 / 96 * columns)].any()


def alike(one: np.ndarray, other: np.ndarray) -> float:
    """The share of values that differ by rounding at most."""
    return float((np.abs(one.astype(int) - other) <= 2).mean())


@pytest.mark.slow
def test_sixteen_bits_are_there_when_the_window_is_narrow(page):
    """A window of 2% of the range spreads 1311 of 65536 levels over all grays; 8 bits would leave 6."""
    canvas(page, 1).focus()
    for _ in range(49):
        page.keyboard.press("Shift+ArrowLeft")
    assert readout(page, 1)["width"] == pytest.approx(0.02, abs=0.011)
    assert len(np.unique(pixels(page, 1)[..., 0])) > 200


@pytest.mark.slow
def test_where_the_film_cannot_be_fetched_the_still_picture_stays(window: Page, app):
    window.route("**/*.bin", lambda route: route.abort())
    window.goto(app)
    picture = window.locator(".stage img").first
    expect(picture).to_be_visible()
    expect(window.locator(".readout").first).to_contain_text("Static picture")
    assert picture.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") == WIDTH
