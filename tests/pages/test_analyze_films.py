"""Films on the Analyze page in process: opening, refusal, switching and closing."""

import io
from typing import Any

import numpy as np
from PIL import Image
from streamlit.testing.v1 import AppTest

from tests.corpus import raster, simulated_png
from tests.pages.analyze import insist, opened
from tests.pages.conftest import shown_text
from xray.settings import settings
from xray.ui.common.escaping import literal


def close(page: AppTest) -> Any:
    """The button that closes the only film or message."""
    (button,) = [one for one in page.button if str(one.key).startswith("icon:close:")]
    return button


def shows(page: AppTest, name: str) -> Any:
    """The button that shows a film."""
    return next(one for one in page.button if literal(name) in one.label)


def test_a_broken_file_gets_a_message_and_the_valid_file_a_prediction(chest):
    page = opened(("notes.png", b"not a film"), ("chest.png", chest))
    assert not page.exception
    assert len(page.error) == 1
    assert "notes.png is text, not an image. Upload a PNG, JPEG, TIFF, BMP" in shown_text(page)
    assert len(page.session_state["session"].cases) == 1


def test_an_inverted_film_is_inverted_and_analyzed_by_one_button(chest):
    samples = np.asarray(Image.open(io.BytesIO(chest)))
    inverted = raster(np.iinfo(samples.dtype).max - samples, "PNG")
    page = opened(("film.png", inverted))
    assert "This film seems to be inverted" in shown_text(page)
    (button,) = [one for one in page.button if one.label == "Invert and analyze"]
    button.click().run()
    assert not page.exception
    (case,) = page.session_state["session"].cases.values()
    assert case.gate.accepted
    assert case.radiograph.notes[-1] == "Gray values inverted by the user."
    assert case.gate.compared in shown_text(page)


def test_a_refused_film_is_analyzed_only_when_insisted_and_marked_then(chest, passes):
    upside_down = raster(np.asarray(Image.open(io.BytesIO(chest)))[::-1], "PNG")
    page = opened(("film.png", upside_down))
    assert "film.png: This film seems to be upside down." in shown_text(page)
    assert not passes
    assert "Model predictions" not in shown_text(page)
    insist(page)
    assert not page.exception
    assert "Analyzed although the input gate refused it" in shown_text(page)
    assert "Model predictions" in shown_text(page)
    (case,) = page.session_state["session"].cases.values()
    assert case.gate.kind == "upside down"


def test_films_of_one_name_are_told_apart_by_a_number(chest):
    films = [raster(np.asarray(Image.open(io.BytesIO(chest))) // part, "PNG") for part in (1, 2, 3)]
    page = opened(*(("film.png", film) for film in films))
    names = [film.name for film in page.session_state["session"].open_films.values()]
    assert names == ["film.png", "film (2).png", "film (3).png"]
    assert "film (3).png · 512 × 512 px" in shown_text(page)


def test_several_films_are_switched_by_their_thumbnails(chest, passes):
    darker = raster(np.asarray(Image.open(io.BytesIO(chest))) // 2, "PNG")
    page = opened(("first.png", chest), ("second.png", darker))
    assert "second.png" in shown_text(page)
    shows(page, "first.png").click().run()
    assert "first.png · 512 × 512 px" in shown_text(page)
    assert len(passes) == 4
    shows(page, "second.png").click().run()
    assert len(passes) == 4


def test_results_of_a_closed_film_are_dropped(chest):
    page = opened(("chest.png", chest))
    close(page).click().run()
    assert not page.exception
    assert not page.session_state["session"].films
    assert not page.session_state["session"].cases
    assert "Drop films" in shown_text(page)


def test_a_failed_download_of_a_sample_is_reported_and_simulated_samples_remain(monkeypatch, tmp_path):
    monkeypatch.setenv("XRAY_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # nothing listens there
    settings.cache_clear()
    try:
        page = opened()
        menu = page.menu_button[0]
        menu.click_index(len(menu.options) - 1).run()
        assert not page.exception
        assert "cannot be downloaded" in page.warning[0].value
        page.menu_button[0].click_index(0).run()
        assert "Simulated radiograph" in shown_text(page)
        close(page).click().run()
        assert "Drop films" in shown_text(page)
        assert not page.session_state["session"].cases
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_a_film_that_is_open_is_not_opened_again(chest):
    page = opened(("first.png", chest))
    page.file_uploader[0].upload("second.png", chest)
    page.run()
    (film,) = page.session_state["session"].films.values()
    assert film.name == "first.png"
    assert (
        page.toast[0].value
        == f"{literal('second.png')} is open already: it has the pixels of {literal('first.png')}."
    )


def test_a_closed_film_stays_closed_when_the_next_is_uploaded(chest):
    page = opened(("first.png", chest))
    close(page).click().run()
    assert not page.session_state["session"].films
    first = page.file_uploader[0].value
    assert [file.name for file in first] == ["first.png"], "the uploader still has it"
    page.file_uploader[0].upload("second.png", simulated_png(1))
    page.run()
    assert [film.name for film in page.session_state["session"].films.values()] == ["second.png"]


def test_the_message_about_a_broken_file_stays_until_it_is_closed():
    page = opened(("notes.png", b"not a film"))
    page.run()
    assert "notes.png is text" in shown_text(page)
    close(page).click().run()
    assert not page.error
