"""Fixtures: a folder of training data, and the preparation of a download made by code."""

import pytest

from tests.train.prepare.downloads import put
from xray.train.prepare import prepare


@pytest.fixture
def root(training_data):
    """The folder of the training data."""
    return training_data


@pytest.fixture
def prepared(root, tmp_path):
    """A function that prepares a collection there."""

    def run(name: str, files: dict[str, bytes | str]):
        return prepare(name, put(tmp_path / "download" / name, files))

    return run
