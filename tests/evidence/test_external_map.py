"""Maps from files: their place on the film, their checks and the verdict on them."""

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from torch import nn
from typer.testing import CliRunner

from tests.evidence.planted import FINDING, SIDE, SQUARE, Weighted, classifier_of, square
from tests.evidence.test_verdict import by_effect
from xray.bundle.write import requests_of
from xray.cli import app
from xray.errors import InvalidRequest, UnusableMap
from xray.evidence import CHECKS, check_context, checks, verdict_of
from xray.evidence.limits import kept, limits_file, limits_of
from xray.evidence.verdict import NOT_RANDOMIZED
from xray.explain import EXTERNAL, METHODS, explain, external_explanation, method_of
from xray.explain.external import NEEDS_METHOD
from xray.imaging.phantom import chest_phantom
from xray.io.encode import case_facts
from xray.io.map_files import read_map
from xray.models.registry import entry
from xray.pipeline import Request, analyze, with_external_map
from xray.settings import ROOT
from xray.types import MapFile, Pixels, Radiograph

MODEL = classifier_of(nn.Sequential(nn.Identity(), Weighted(square())))
FILE = MapFile("map.npy", "0" * 64)
HEIGHT, WIDTH = 64, 48


def film(height: int = HEIGHT, width: int = WIDTH) -> Radiograph:
    return Radiograph(np.random.default_rng(0).random((height, width), np.float32), "film.png")


def placed(values: Pixels):
    return external_explanation(MODEL, film(), FINDING, np.asarray(values, np.float32), FILE)


def peaked(shape: tuple[int, int], row: int, column: int) -> Pixels:
    values = np.full(shape, -1, np.float32)
    values[row, column] = 1
    return values


@pytest.mark.parametrize(
    ("shape", "cell"), [((8, 8), (2, 5)), ((16, 12), (4, 9)), ((32, 32), (9, 20)), ((7, 5), (1, 3))]
)
def test_a_grid_of_the_ratio_of_film_or_input_covers_the_film(shape, cell):
    found = placed(peaked(shape, *cell))
    x, y = (cell[1] + 0.5) * WIDTH / shape[1], (cell[0] + 0.5) * HEIGHT / shape[0]
    assert found.peak == pytest.approx((x, y))
    assert (found.raw_min, found.raw_max) == (-1, 1)
    assert found.file.note == f"The map of {shape[1]} x {shape[0]} values was interpolated to the film."
    assert (found.method, method_of(found)) == ("external", EXTERNAL)


def test_a_map_finer_than_the_input_is_averaged_to_it():
    values = np.random.default_rng(1).normal(size=(128, 96)).astype(np.float32)
    found = placed(values)
    blocks = values.reshape(32, 4, 32, 3).mean((1, 3))
    assert found.raw_map == pytest.approx(blocks, abs=1e-6)
    row, column = np.unravel_index(blocks.argmax(), blocks.shape)
    assert found.peak == pytest.approx(((column + 0.5) * WIDTH / 32, (row + 0.5) * HEIGHT / 32))
    assert found.file.note == "The map of 96 x 128 values was averaged to 32 x 32 cells."


@pytest.mark.parametrize("shape", [(48, 64), (12, 16), (8, 16), (2, 40)])
def test_a_map_of_another_ratio_is_refused(shape):
    with pytest.raises(UnusableMap) as refused:
        placed(peaked(shape, 0, 0))
    assert str(refused.value) == (
        f"map.npy has {shape[1]} x {shape[0]} values (width x height). It fits neither the film of 48 x 64 "
        "pixels nor the network's input of 32 x 32. Save a map of one of these sizes, or of a grid with the "
        "same aspect ratio."
    )


def test_a_letterboxed_input_is_placed_without_its_padding():
    letterboxed = classifier_of(nn.Identity(), fit="letterbox", input_size=64)
    wide = film(32, 80)  # scaled to 26 x 64 and padded to 32 x 64, three rows above
    found = external_explanation(letterboxed, wide, FINDING, peaked((32, 64), 3, 0), FILE)
    x, y = found.peak
    assert x == pytest.approx(0.5 * 80 / 64)
    assert y == pytest.approx(0.5 * 32 / 26)


def checked(values: Pixels):
    explanation = external_explanation(MODEL, film(SIDE, SIDE), FINDING, values, FILE)
    context = check_context(MODEL, film(SIDE, SIDE), explanation, [(16, 8, 24, 16)])
    return {check.name: check for check in checks(context)}


def test_checks_that_make_the_map_again_say_that_they_need_its_method():
    done = checked(square())
    remade = {name for name, question in CHECKS.items() if question.remakes}
    assert remade >= {"randomization", "stability"}
    assert {name for name, check in done.items() if check.why == NEEDS_METHOD} == remade
    assert {done[name].verdict for name in remade} == {"cannot be judged"}


def test_the_other_checks_measure_the_map_of_the_file():
    """The logit is the mean gray value of the square, so it falls to the film's mean when that is hidden."""
    pixels, done = film(SIDE, SIDE).pixels, checked(square())
    hidden = done["deletion"].curves["hidden"]
    assert hidden[0] == pytest.approx(pixels[SQUARE].mean(), abs=1e-5)
    assert hidden[1:] == pytest.approx(
        np.full_like(hidden[1:], pixels.mean()), abs=1e-5
    )  # the first step hides it whole
    assert done["location"].verdict == "passed"
    assert done["location"].value == pytest.approx(1)


def test_the_verdict_says_that_randomization_cannot_object():
    model = entry("pneumonia-mobilenet")
    explanation = replace(placed(square()), model_id=model.id, weights_sha256=model.sha256)
    figures = kept(limits_file(model.id), model.sha256)
    strong = by_effect(figures["verdict"]["supported"] + 1)
    verdict = verdict_of(replace(explanation, finding="Pneumonia"), strong)
    assert verdict.support == "supported"
    assert verdict.reason.endswith(NOT_RANDOMIZED)
    computed = replace(explanation, finding="Pneumonia", method="gradcam", file=None)
    assert "Randomization" not in verdict_of(computed, strong).reason
    assert limits_of(explanation).keys() == figures["limits"]["*"].keys()
    assert limits_of(computed).keys() - limits_of(explanation).keys() == {"randomization"}


@pytest.fixture(scope="module")
def case():
    radiograph = film(64, 64)
    plain = analyze(radiograph, Request("findings-cnn", None, anyway=True, intervals=False))
    values = np.arange(49, dtype="<f4").reshape(7, 7)
    data = (
        b"\x93NUMPY\x01\x00"
        + (118).to_bytes(2, "little")
        + (
            b"{'descr': '<f4', 'fortran_order': False, 'shape': (7, 7), }".ljust(117)
            + b"\n"
            + values.tobytes()
        )
    )
    return with_external_map(plain, *read_map(data, "map.npy"), "mass")


def test_the_case_names_the_file_of_the_map(case):
    (explanation,) = case_facts(case)["explanations"]
    assert (explanation["finding"], explanation["method"]) == ("Mass", "external")
    assert explanation["file"]["name"] == "map.npy"
    assert explanation["file"]["note"] == "The map of 7 x 7 values was interpolated to the film."
    assert explanation["raw_map"][6] == [42.0, 43.0, 44.0, 45.0, 46.0, 47.0, 48.0]


def test_a_bundle_refuses_a_map_that_it_cannot_compute_again(case):
    with pytest.raises(InvalidRequest, match=r"The map from map\.npy cannot be part of a bundle"):
        requests_of(case)


def test_the_example_of_the_documentation_gives_a_map_that_the_terminal_checks(tmp_path, monkeypatch):
    """The map of Captum is that of our Grad-CAM, which is computed in another way."""
    monkeypatch.chdir(tmp_path)
    chest = chest_phantom(1).radiograph
    Image.fromarray(np.rint(chest.pixels * 255).astype(np.uint8)).save("film.png")
    document = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", document, re.DOTALL)
    names: dict[str, Any] = {}
    exec(example, names)
    (expected,) = explain(names["model"], names["film"], METHODS["gradcam"], ["Pneumonia"])[1]
    assert np.load("map.npy") == pytest.approx(expected.raw_map, rel=1e-3, abs=1e-5)
    np.save("map.npy", -np.load("map.npy"))  # the simulated film has evidence against the finding only
    arguments = ["explain", "film.png", "--map", "map.npy", "--finding", "pneumonia", "--evidence", "--json"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert facts["method"] == "external"
    assert facts["map_file"]["sha256"] == hashlib.sha256(Path("map.npy").read_bytes()).hexdigest()
    results = {check["name"]: check for check in facts["checks"]}
    assert results["randomization"]["why"] == NEEDS_METHOD
    refused = CliRunner().invoke(app, [*arguments, "--method", "gradcam"])
    assert refused.exit_code == 2
    assert refused.stderr == "A map comes from a method or from a file. Give --method or --map.\n"
