"""The tools of the viewer with the keyboard alone."""

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.keyboard import press
from tests.browser.viewer.app import WIDTH
from tests.browser.viewer.canvas import canvas, heard, pixels, readout

MIDDLE = (450, 300)  # source pixels
FINE = 8  # screen pixels per arrow key press


def use(page: Page, tool: str) -> None:
    """Choose a tool by Enter on its button, then go to the film."""
    page.get_by_role("button", name=tool).first.focus()
    press(page, "Enter")
    canvas(page).focus()


def source_pixels(page: Page, presses: int) -> float:
    """Width in source pixels of a number of arrow key presses, while the whole film is visible."""
    return presses * FINE * WIDTH / canvas(page).bounding_box()["width"]


def test_a_rectangle_is_marked_with_enter_and_arrows_and_dropped_with_escape(page):
    use(page, "Mark: rectangle")
    press(page, "Enter", *["ArrowLeft"] * 5, "Enter", *["ArrowRight"] * 9, *["ArrowDown"] * 4)
    press(page, "Escape")
    assert heard(page)["regions"] == []
    press(page, "Enter", *["ArrowLeft"] * 5, "Enter", *["ArrowRight"] * 9, *["ArrowDown"] * 4, "Enter")
    expect(page.get_by_test_id("stText")).to_contain_text('"kind": "rectangle"')
    (region,) = heard(page)["regions"]
    left, right, down = (source_pixels(page, presses) for presses in (-5, 4, 4))
    assert region["points"] == [
        pytest.approx([MIDDLE[0] + left, MIDDLE[1]], abs=1),
        pytest.approx([MIDDLE[0] + right, MIDDLE[1] + down], abs=1),
    ]


def test_a_distance_is_measured_with_the_keyboard(page):
    canvas(page).focus()
    press(page, "d", "Enter", "Enter", *["ArrowRight"] * 10, *["Shift+ArrowRight"] * 3, "Enter")
    expect(page.locator(".readout").first).to_contain_text("distance")
    millimeters = 0.25 * source_pixels(page, 10) * 83 / 80  # spacing of columns; three presses of 1 px
    text = page.locator(".readout").first.inner_text().split("distance ")[1]
    assert float(text.split()[0]) == pytest.approx(millimeters, abs=0.4)


def test_the_cross_reads_values_and_chooses_a_box(page):
    right = canvas(page, 1)
    right.focus()
    press(page, "Enter")
    told = readout(page, 1)
    assert (told["x"], told["y"]) == pytest.approx(MIDDLE, abs=1)
    factor = WIDTH / right.bounding_box()["width"]
    to_box = (round((MIDDLE[0] - 150) / factor / FINE), round((MIDDLE[1] - 140) / factor / FINE))
    press(page, "Enter", *["ArrowLeft"] * to_box[0], *["ArrowUp"] * to_box[1])
    assert heard(page)["chosen"] == [], "no box lies in the middle"
    press(page, "Enter")
    expect(page.get_by_test_id("stText")).to_contain_text('"chosen": [0]')


def test_arrows_move_the_swipe_line(page):
    canvas(page).focus()
    press(page, "h")
    film = pixels(page)
    press(page, "h", "s")
    swiped, half = pixels(page), film.shape[1] // 2
    press(page, "ArrowRight")  # by 40 px
    passed = np.s_[:, half + 10 : half + 30]
    assert not np.array_equal(swiped[passed], film[passed])
    assert np.array_equal(pixels(page)[passed], film[passed])
