"""Commands import what they need when they run: a subprocess reports the modules that it has imported."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from xray.imaging.phantom import chest_phantom
from xray.settings import ROOT

REPORT_MODULES = """
import json, runpy, sys
try:
    runpy.run_module("xray", run_name="__main__")
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""
UNUSED = {  # by `analyze FILE`
    *("captum", "pytorch_grad_cam", "timm", "ultralytics", "ray", "transformers", "torchxrayvision"),
    *("sklearn", "scipy.stats", "scipy.optimize", "skimage", "matplotlib", "plotly", "pandas", "pyarrow"),
    *("streamlit", "fastapi", "sqlalchemy", "highdicom", "reportlab", "pooch"),
}


def modules_of(*arguments: object) -> set[str]:
    """Names of the modules that a command has imported when it ends."""
    command = [sys.executable, "-c", REPORT_MODULES, *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, timeout=300)
    return set(json.loads(ended.stderr.splitlines()[-1]))


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("startup") / "chest.png"
    pixels = chest_phantom(1, size=(128, 128)).radiograph.pixels
    Image.fromarray(np.rint(pixels * 255).astype(np.uint8)).save(path)
    return path


@pytest.mark.parametrize("arguments", [["--help"], ["analyze", "--help"], ["weights", "list"]])
def test_help_and_the_list_of_models_import_neither_torch_nor_numerical_libraries(arguments):
    imported = modules_of(*arguments)

    assert "typer" in imported
    assert not imported & (UNUSED | {"torch", "torchvision", "numpy", "scipy", "cv2"})


@pytest.mark.slow
def test_analyze_imports_no_library_that_it_does_not_use(film):
    imported = modules_of("analyze", film, "--model", "pneumonia-mobilenet", "--anyway")

    assert {"torch", "torchvision"} <= imported
    assert not imported & UNUSED
