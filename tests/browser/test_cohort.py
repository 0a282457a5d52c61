"""The Cohort page in a real browser: a folder, opening a film, canceling simulated films."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, QUICK, click_until, downloaded, fits_a_phone
from tests.corpus import simulated_png


@pytest.fixture(params=["pneumonia-mobilenet"])
def page(request, window: Page, address) -> Page:
    window.goto(f"{address}/cohort?model={request.param}")
    expect(window.get_by_role("heading", name="Analyze many films")).to_be_visible()
    return window


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("films")
    for number in range(3):
        (place / f"{number}.png").write_bytes(simulated_png(number))
    (place / "broken.png").write_bytes(simulated_png(0)[:900])
    (place / "labels.csv").write_text("path,labels\n0.png,Normal\n1.png,Pneumonia\n2.png,Pneumonia\n")
    return place


@pytest.fixture
def analyzed(page, folder) -> Page:
    page.get_by_text("A folder", exact=True).click()
    page.get_by_role("textbox", name="Folder").fill(str(folder))
    page.get_by_role("textbox", name="Folder").press("Enter")
    page.get_by_role("button", name="Analyze 4 files").click()
    expect(page.get_by_text("1 file without a result")).to_be_visible()
    return page


@pytest.mark.slow
@pytest.mark.parametrize("page", [QUICK], indirect=True)
def test_a_double_click_on_open_shows_the_film_of_the_line(analyzed):
    lines = analyzed.get_by_test_id("stDataFrame").filter(visible=True).last
    opened = analyzed.get_by_role("heading", name="Analyze a radiograph")
    click_until(lines, opened, position={"x": 72 + 36, "y": 36 + 64 + 32}, click_count=2)  # the second line
    expect(analyzed.get_by_role("img", name="Radiograph 1.png")).to_be_visible()
    fits_a_phone(analyzed)


@pytest.mark.slow
@pytest.mark.parametrize("page", [QUICK], indirect=True)
def test_all_views_are_in_sight_on_a_phone(analyzed):
    fits_a_phone(analyzed)
    views = analyzed.get_by_role("radiogroup", name="View").get_by_role("radio")
    expect(views).to_have_count(7)
    for view in views.all():
        box = view.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE[0], view.inner_text()


@pytest.mark.slow
def test_results_are_downloaded_and_compared_with_labels(analyzed):
    assert downloaded(analyzed, "Table (CSV)").count(b"\n") == 5
    for name, text in (
        ("Against labels", "2 of 3 labeled films show Pneumonia"),
        ("Histogram", "analyzed films reach the operating point"),
    ):
        click_until(analyzed.get_by_text(name, exact=True), analyzed.get_by_text(text))


@pytest.mark.slow
def test_a_running_cohort_is_cancelled_and_keeps_its_lines(page):
    page.get_by_text("Simulated", exact=True).click()
    page.get_by_role("button", name="Analyze 24 files").click()
    expect(page.get_by_text(re.compile(r"[1-9]\d* of 24 films, about"))).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(page.get_by_text("not analyzed")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame").filter(visible=True).last).to_be_visible()
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="Analyze 24 files")).to_be_visible()
