"""The main path of each page with the keyboard alone; that of Analyze is in test_accessibility.py."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, QUICK, at_rest, serving
from tests.browser.keyboard import choose_in_menu, press, tab_to
from tests.corpus import simulated_png

SAMPLE = "simulated-chest-opacity"
LABELS = "path,labels\n0.png,No Finding\n1.png,Effusion\n2.png,Effusion\n"
pytestmark = pytest.mark.slow


@pytest.fixture
def opened(window: Page, address):
    """Open a page with a sample, without a click."""

    def go(name: str, sample: str = SAMPLE, model: str = QUICK) -> Page:
        window.goto(f"{address}/{name}?sample={sample}&model={model}")
        expect(window.locator(".stage canvas:visible").first).to_be_visible()
        at_rest(window)
        return window

    return go


def test_fractures_a_box_is_explained(opened):
    page = opened("fractures", "fracture", "fracture-yolov8n")
    tab_to(page.get_by_role("radiogroup", name="Explain a box").get_by_role("radio").first)
    press(page, "Space")
    expect(page.get_by_text("Where its score comes from")).to_be_visible()


def test_compare_a_map_is_opened_on_analyze_and_a_menu_closes_with_escape(opened):
    page = opened("compare")
    tab_to(page.get_by_role("button", name="Link", exact=True))
    press(page, "Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    press(page, "Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Link", exact=True)).to_be_focused()
    tab_to(page.get_by_role("button", name="Open in Analyze").first)
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Analyze a radiograph")).to_be_visible()


def test_what_if_a_box_is_covered_and_a_change_made(opened):
    page = opened("whatif")
    tab_to(page.locator(".stage canvas").first)
    press(page, "Enter", "Enter", *["ArrowRight"] * 9, *["ArrowDown"] * 9, "Enter")
    expect(page.get_by_text(re.compile(r"px from \d+, \d+ covered"))).to_be_visible()
    at_rest(page)
    tab_to(page.get_by_role("slider", name="Brightness"))
    press(page, "End")
    expect(page.locator(".xtitle", has_text="Brightness")).to_be_visible()


def test_trust_the_maps_are_checked(opened):
    page = opened("trust")
    tab_to(page.get_by_role("switch", name="Run all checks for every map"))
    press(page, "Space")
    expect(page.get_by_text("✓ passed, ✗ failed")).to_be_visible(timeout=4 * PATIENCE)


def test_report_a_report_is_written_and_a_sentence_chosen(opened):
    page = opened("report")
    tab_to(page.get_by_role("button", name="Write the report"))
    press(page, "Enter")
    sentence = page.locator(".report .sentence").nth(2)
    expect(sentence).to_be_visible()
    at_rest(page)
    tab_to(sentence)
    press(page, "Enter")
    expect(sentence).to_have_attribute("aria-pressed", "true")


def test_cohort_films_of_a_bar_are_listed_and_one_is_opened(window, address, tmp_path):
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(simulated_png(number))
    (tmp_path / "labels.csv").write_text(LABELS)
    window.goto(f"{address}/cohort?model={QUICK}")
    tab_to(window.get_by_role("radio", name="Files or ZIP"))
    press(window, "ArrowRight", "Space")
    tab_to(window.get_by_role("textbox", name="Folder"))
    window.keyboard.type(str(tmp_path))
    press(window, "Enter")
    at_rest(window)
    tab_to(window.get_by_role("button", name="Analyze 3 files"))
    press(window, "Enter")
    expect(window.get_by_text("3 of 3 films")).to_be_visible()
    at_rest(window)
    tab_to(window.get_by_role("radio", name="Worklist"))
    press(window, "ArrowRight", "Space")
    expect(window.get_by_text("reach the operating point")).to_be_visible()
    at_rest(window)
    choose_in_menu(window, "List films")
    expect(window.get_by_text(re.compile(r"^Only .* from \d+% to \d+%$"))).to_be_visible()
    at_rest(window)
    tab_to(window.get_by_role("button", name="Show all"))
    press(window, "Enter")
    expect(window.get_by_text("3 of 3 films")).to_be_visible()
    at_rest(window)
    choose_in_menu(window, "Open a film")
    expect(window.get_by_role("img", name=re.compile(r"^Radiograph \d\.png"))).to_be_visible()


def test_learn_a_film_is_marked_and_answered(window, address):
    window.goto(f"{address}/learn?deck=simulated&seed=7")
    expect(window.locator(".stage canvas:visible").first).to_be_visible()
    at_rest(window)
    tab_to(window.locator(".stage canvas").first)
    press(window, "Enter", "Enter", *["ArrowRight"] * 5, *["ArrowDown"] * 5, "Enter")
    expect(window.get_by_text("Your mark is on the film")).to_be_visible()
    at_rest(window)
    tab_to(window.get_by_role("radio", name="Fracture", exact=True))
    press(window, "Space")
    at_rest(window)
    tab_to(window.get_by_role("button", name="Commit"))
    press(window, "Enter")
    expect(window.get_by_text("Over 1 of 8 films")).to_be_visible()


def test_history_a_film_is_kept_and_its_details_opened(window: Page, tmp_path: Path):
    with serving("dashboard.py", XRAY_DATA_DIR=str(tmp_path)) as address:
        window.goto(address)
        tab_to(window.get_by_role("switch", name="Keep results on this computer"))
        press(window, "Space")
        at_rest(window)
        choose_in_menu(window, "Samples")
        expect(window.get_by_text("Model predictions")).to_be_visible()
        at_rest(window)
        tab_to(window.get_by_role("link", name="History", exact=True))
        press(window, "Enter")
        expect(window.get_by_text("1 film, newest first")).to_be_visible()
        at_rest(window)
        tab_to(window.get_by_role("button", name="Fullscreen: 1 stored films"))
        press(window, "Tab", "ArrowDown")
        expect(window.get_by_role("textbox", name="Comment")).to_be_visible()


def test_models_an_operating_point_is_chosen(window, address):
    window.goto(f"{address}/models?model={QUICK}")
    metric = window.get_by_test_id("stMetric").filter(has_text="Sensitivity").last
    before = metric.inner_text()
    at_rest(window)
    tab_to(window.get_by_role("slider", name="Positive from a probability of"))
    press(window, "Home")
    expect(metric).not_to_have_text(before, use_inner_text=True)
