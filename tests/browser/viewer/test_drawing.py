"""The pixels that the viewer draws."""

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.viewer.app import FINDING, WIDTH, planted
from tests.browser.viewer.canvas import at_pixel, canvas, content, pixels, readout
from xray.render.overlay import Drawing, draw, overlay


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
    legend = content(page.locator(".scale canvas").first)[0, :, :3]
    ramp = ((np.arange(140) + 0.5) / 140).astype(np.float32)[None]
    over_gray = overlay(np.full_like(ramp, 128 / 255), ramp, Drawing())[0]
    assert legend.astype(int) == pytest.approx(over_gray.astype(int), abs=3)


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
