"""The Fractures page in a real browser: boxes, sliders, the reason for a box, downloads."""

import csv
import io
import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import click_until, downloaded
from xray.io import read_radiograph
from xray.models.detector import chosen
from xray.pipeline import Request, analyze
from xray.settings import settings

MODEL = "fracture-yolov8n"


@pytest.fixture(scope="module")
def fractured() -> Path:
    """A test film on which the model finds a fracture."""
    folder = settings().training_data / "data" / "fracture" / "test"
    films = sorted(folder.glob("images/*.jpg"))
    for film in films:
        if (folder / "labels" / f"{film.stem}.txt").read_text().strip():
            case = analyze(read_radiograph(film.read_bytes(), film.name), Request(MODEL))
            if len(chosen(case.detections, case.detections.threshold)):
                return film
    pytest.skip("the fracture films are not at hand (XRAY_TRAINING_DATA)")


@pytest.fixture
def page(window: Page, address) -> Page:
    window.goto(f"{address}/fractures")
    expect(window.get_by_role("heading", name="Find fractures")).to_be_visible()
    return window


def upload(page: Page, film: Path) -> None:
    page.locator("input[type=file]").set_input_files(film)


@pytest.mark.slow
def test_boxes_are_downloaded_explained_corrected_and_moved_by_the_slider(page, fractured):
    upload(page, fractured)
    case = analyze(read_radiograph(fractured.read_bytes(), fractured.name), Request(MODEL))
    confidence = case.detections.threshold
    found = chosen(case.detections, confidence)
    expect(page.get_by_role("img", name=f"{fractured.name} with {len(found)} boxes")).to_be_visible()
    page.get_by_role("button", name="Downloads").click()
    rows = list(csv.DictReader(io.StringIO(downloaded(page, "All films (CSV)").decode())))
    assert [float(row["score"]) for row in rows] == pytest.approx(found.confidence.tolist())
    told = json.loads(downloaded(page, "All films (COCO)"))
    assert len(told["annotations"]) == len(found)

    page.keyboard.press("Escape")
    canvas, (height, width) = page.locator(".stage canvas").first, case.radiograph.pixels.shape
    frame = canvas.bounding_box()
    factor = min(frame["width"] / width, frame["height"] / height)
    left, top, right, bottom = found.xyxy[0].tolist()
    place = {
        "x": frame["width"] / 2 + factor * ((left + right) / 2 - width / 2),
        "y": frame["height"] / 2 + factor * ((top + bottom) / 2 - height / 2),
    }
    click_until(canvas, page.get_by_text("Where its score comes from"), position=place)
    expect(page.get_by_alt_text("Map of box 1")).to_be_visible()

    page.get_by_text("Correct these boxes").click()
    button = page.get_by_role("button", name="Keep on this computer")
    expect(button).to_contain_text("0 missed")
    film = page.locator(".stage canvas").last
    film.scroll_into_view_if_needed()
    box = film.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 60, steps=8)
    page.mouse.up()
    expect(button).to_contain_text("1 missed")

    page.get_by_role("slider", name="Confidence").press("End")
    expect(page.get_by_role("img", name=f"{fractured.name} with 0 boxes")).to_be_visible()
    expect(page.get_by_text("No fracture box has a score of 1.000 or more")).to_be_visible()


@pytest.mark.slow
def test_a_broken_file_and_a_chest_get_error_messages(page, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    upload(page, broken)
    expect(page.get_by_role("alert").filter(has_text="broken.png is a PNG file")).to_be_visible()
    chests = sorted((settings().training_data / "data" / "pneumonia" / "test").glob("NORMAL/*"))
    if chests:
        upload(page, chests[0])
        expect(page.get_by_text("This looks like a chest").first).to_be_visible()
