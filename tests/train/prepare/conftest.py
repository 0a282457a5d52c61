"""Fixtures: a folder of training data, and the preparation of a download made by code."""

import pytest

from tests.train.prepare.downloads import put
from xray.settings import settings
from xray.train.prepare import prepare


@pytest.fixture
def root(tmp_path, monkeypatch):
    """The folder of the training data, and a function that prepares a collection there."""
    monkeypatch.setenv("XRAY_TRAINING_DATA", str(tmp_path / "training"))
    settings.cache_clear()
    yield tmp_path / "training"
    settings.cache_clear()


@pytest.fixture
def prepared(root, tmp_path):
    def run(name: str, files: dict[str, bytes | str]):
        return prepare(name, put(tmp_path / "download" / name, files))

    return run
