"""The dashboard in process, and access to the content of its pages."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from tests.corpus import simulated_png
from xray.models.classifier import load_classifier
from xray.settings import ROOT


@pytest.fixture(scope="package", autouse=True)
def one_scan_for_components() -> Iterator[None]:
    """AppTest searches all installed packages for components each time; here it searches once."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests)
        )
        yield


@pytest.fixture
def passes() -> Iterator[list[int]]:
    """Counts the forward passes of the default model: one for the answer, one for its interval."""
    counted = []
    handle = load_classifier().module.register_forward_hook(lambda *_: counted.append(1))
    yield counted
    handle.remove()


@pytest.fixture(scope="module")
def chest() -> bytes:
    """A simulated chest as the bytes of an 8-bit PNG."""
    return simulated_png(0)


def dashboard() -> AppTest:
    """The first run of the dashboard; later runs omit dashboard.py and the sidebar switch."""
    return AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=120).run()


def button(page: AppTest, label: str) -> Any:
    """The first button with a label."""
    return next(one for one in page.button if one.label == label)


def group(page: AppTest, label: str) -> Any:
    """The first group of buttons with a label."""
    return next(one for one in page.button_group if one.label == label)


def opened_learn(**query: str) -> AppTest:
    """The Learn page with parameters in its address."""
    page = dashboard()
    page.switch_page("pages/learn.py")
    for key, value in query.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    return page


def shown_text(page: AppTest) -> str:
    """All text of a page, tables as CSV, without the escapes of Markdown."""
    kinds = (page.markdown, page.caption, page.error, page.warning, page.info, page.success, page.code)
    written = [element.value for kind in kinds for element in kind]
    written += [element.value.to_csv() for element in page.table]
    return re.sub(r"\\([^\w\s]|_)", r"\1", "\n".join(written))


def viewers(page: AppTest) -> list[dict[str, Any]]:
    """The data of each viewer of a page, not of other components."""
    sent = [json.loads(element.proto.json) for element in page.get("bidi_component")]
    return [data for data in sent if "film" in data]
