"""A dashboard with a history of its own, and controls of the History page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.corpus import simulated_png
from tests.pages.conftest import dashboard
from xray.history import query
from xray.history.crypto import history_key
from xray.history.opening import database_url
from xray.history.store import Store
from xray.settings import settings

MODEL, FINDING = "findings-cnn", "Effusion"  # the quickest network
SWITCH = "keep results:"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Iterator[Path]:
    """A separate data folder, and a browser with access to the history."""
    monkeypatch.setenv("XRAY_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("XRAY_HISTORY_SHARED", "true")
    settings.cache_clear()
    yield tmp_path / "data"
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def store(folder) -> Iterator[Store]:
    store = Store(database_url(), history_key())
    yield store
    store.close()


def opened(*, switch: bool | None = None) -> AppTest:
    page = dashboard()
    if switch is not None:
        page.sidebar.toggle(key=SWITCH).set_value(switch).run()
    page.sidebar.selectbox[0].set_value(MODEL).run()
    assert not page.exception
    return page


def drop(page: AppTest, data: bytes, name: str = "MEIER_ANNA.png") -> AppTest:
    page.file_uploader[0].upload(name, data)
    page.run()
    assert not page.exception
    return page


def history_page(page: AppTest, view: str = "") -> AppTest:
    page.switch_page("pages/history.py").run()
    if view:
        page.segmented_control[0].set_value(view).run()
    assert not page.exception
    return page


def lines(page: AppTest):
    return next(one.value for one in page.dataframe if "Your verdict" in one.value.columns)


def choose(page: AppTest, label: str, value: str) -> AppTest:
    next(one for one in page.main.selectbox if one.label == label).set_value(value).run()
    assert not page.exception
    return page


@pytest.fixture
def filled(chest, store) -> AppTest:
    """The page after two films."""
    page = opened(switch=True)
    drop(page, chest)
    page.file_uploader[0].upload("second.png", simulated_png(1))
    page.run()
    assert query.count(store, "") == 2
    return history_page(page)
