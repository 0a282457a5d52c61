"""Rules of the input gate on pixels: size, contrast, gray levels, color and frame."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.conftest import gradient_film
from xray.imaging.phantom import simulated_samples
from xray.io import read_radiograph
from xray.models.gate import kind_by_pixels
from xray.train.renderings import renderings


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).random((height, width)).astype(np.float32)


def test_films_of_47_px_are_too_small_and_of_48_are_not():
    assert kind_by_pixels(noise(47, 400)) == kind_by_pixels(noise(400, 47)) == "too small"
    assert kind_by_pixels(noise(48, 190)) == "accepted"


def test_a_side_of_more_than_four_times_the_other_is_too_long():
    assert kind_by_pixels(noise(60, 241)) == kind_by_pixels(noise(241, 60)) == "too narrow"
    assert kind_by_pixels(noise(60, 240)) == "accepted"


def test_contrast_is_measured_by_range_and_by_the_most_frequent_gray():
    film = gradient_film(200, 200).pixels
    assert kind_by_pixels(film) == "accepted"
    assert kind_by_pixels(0.5 + 0.06 * film) == "accepted"
    assert kind_by_pixels(0.5 + 0.02 * film) == "low contrast"
    outlier = 0.5 + 0.02 * film
    outlier[0, :2] = 0, 1
    assert kind_by_pixels(outlier) == "low contrast", "two pixels do not make contrast"
    blank = np.zeros((200, 200), np.float32)
    blank[:5] = film[:5]
    assert kind_by_pixels(blank) == "low contrast", "195 of 200 rows are black"
    blank[:10] = film[-10:]
    assert kind_by_pixels(blank) == "accepted", "190 of 200 are not too many"


def test_a_picture_of_two_grays_is_no_film():
    ink = (noise(200, 200) < 0.3).astype(np.float32)
    assert kind_by_pixels(ink) == kind_by_pixels(1 - ink) == "not an X-ray"
    assert kind_by_pixels(ink, simulated=True) == "accepted"
    assert kind_by_pixels(np.rint(9 * gradient_film(200, 200).pixels) / 9) == "accepted", "ten grays"


def test_ink_on_paper_is_no_film_but_a_limb_on_a_white_ground_is():
    page = np.ones((256, 256), np.float32)
    page[20:230:10, 20:230] = 0.1
    page[21:231:10, 20:230] = 0.5  # soft edges: middle grays beside the strokes only
    page += 0.01 * noise(256, 256) - 0.01  # paper is never even
    limb = np.ones((256, 256), np.float32)
    limb[:, 108:148] = np.linspace(0.1, 1, 40, dtype=np.float32)
    limb += 0.01 * noise(256, 256) - 0.01
    assert kind_by_pixels(page.clip(0, 1)) == kind_by_pixels(page.clip(0, 1)[::-1]) == "not an X-ray"
    assert kind_by_pixels(limb.clip(0, 1)) == "accepted"


def test_pages_of_text_are_refused_without_any_network():
    pages = renderings("document", 30)
    assert {kind_by_pixels(page.pixels) for page in pages} == {"not an X-ray"}


def test_simulated_films_pass_the_pixel_rules():
    films = [sample.build().radiograph.pixels for sample in simulated_samples()]
    assert {kind_by_pixels(film) for film in films} == {"accepted"}


def test_real_films_pass_the_pixel_rules(real_films):
    for path in real_films:
        film = read_radiograph(path.read_bytes(), path.name).pixels
        assert kind_by_pixels(film) == kind_by_pixels(1 - film) == "accepted"


def test_a_large_film_gets_the_result_of_its_small_copy():
    film = gradient_film(2000, 2000).pixels
    assert kind_by_pixels(film) == "accepted"
    assert kind_by_pixels(0.5 + 0.02 * film) == "low contrast"


def on_canvas(film: np.ndarray, gray: int = 236, bar: int = 90) -> np.ndarray:
    """A film in a window: a title bar with text and buttons, a border, and a status bar."""
    rows, columns = film.shape
    window = Image.new("L", (columns + 24, rows + 70), gray)
    window.paste(Image.fromarray(np.rint(film * 255).astype(np.uint8)), (12, 46))
    pen = ImageDraw.Draw(window)
    pen.rectangle((0, 0, columns + 24, 34), bar)
    pen.text((10, 10), "Viewer - film 1 of 3", 255)
    pen.rectangle((columns - 10, 8, columns + 10, 26), 200)
    pen.text((12, rows + 52), "Zoom 100%", 0)
    return np.asarray(window, np.float32) / 255


@pytest.mark.parametrize(("gray", "bar"), [(236, 90), (255, 200), (30, 60)])
def test_a_film_in_a_window_is_framed(gray, bar):
    film = simulated_samples()[0].build().radiograph.pixels
    assert kind_by_pixels(on_canvas(film, gray, bar)) == "framed"
    assert kind_by_pixels(film) == "accepted"


def test_black_margins_and_text_on_them_are_part_of_a_film():
    film = np.pad(simulated_samples()[0].build().radiograph.pixels, 60)
    marked = Image.fromarray(np.rint(film * 255).astype(np.uint8))
    ImageDraw.Draw(marked).text((20, 20), "L  STANDING", 255)
    assert kind_by_pixels(film) == kind_by_pixels(np.asarray(marked, np.float32) / 255) == "accepted"


@pytest.mark.parametrize("color", ["colored", "partly colored"])
def test_the_color_of_the_source_is_the_reason(color):
    film = replace(gradient_film(200, 200), color=color)
    assert kind_by_pixels(film.pixels, color=film.color) == color
