"""Runs commands of the terminal on simulated films."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from xray.cli import app
from xray.imaging.phantom import simulated_samples


def run(*arguments: object):
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A 16-bit chest, an 8-bit forearm and a file that is no film."""
    folder = tmp_path_factory.mktemp("films")
    chest, _, _, forearm, _ = (sample.build().radiograph.pixels for sample in simulated_samples())
    Image.fromarray(np.rint(chest * 65535).astype(np.uint16)).save(folder / "chest.png")
    Image.fromarray(np.rint(forearm * 255).astype(np.uint8)).save(folder / "forearm.jpg")
    (folder / "broken.png").write_bytes((folder / "chest.png").read_bytes()[:2000])
    return folder
