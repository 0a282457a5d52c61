"""An error while a part of a page is redrawn is a sentence, not Streamlit's error box."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import QUICK, at_rest, click_until, serving
from xray.models.registry import entry
from xray.settings import ROOT


@pytest.fixture
def weights(tmp_path) -> Path:
    return Path(shutil.copytree(ROOT / "weights", tmp_path / "weights"))


@pytest.fixture
def own_address(weights) -> Iterator[str]:
    with serving("dashboard.py", XRAY_WEIGHTS_DIR=str(weights)) as address:
        yield address


@pytest.mark.slow
def test_a_model_without_weights_is_a_sentence(window: Page, own_address, weights):
    window.goto(f"{own_address}/compare?sample=simulated-chest-opacity&model={QUICK}")
    expect(window.locator(".stage canvas:visible").first).to_be_visible()
    for file in weights.glob("*.safetensors"):
        file.unlink()
    at_rest(window)
    option = window.get_by_role("option", name=entry("region-densenet121").title)
    click_until(window.get_by_role("combobox", name="Models"), option)
    click_until(option, window.get_by_test_id("stAlert").filter(has_text="region-densenet121").first)
