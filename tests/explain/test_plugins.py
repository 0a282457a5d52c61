"""Methods of other packages: the example package is really installed; broken packages become sentences."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from captum.attr import InputXGradient
from PIL import Image

from xray.errors import MethodFailed
from xray.evidence.deletion_insertion import COPIES
from xray.explain import explain
from xray.explain.registry import Method, fits_all
from xray.imaging.phantom import simulated_samples
from xray.models.classifier import load_classifier
from xray.settings import ROOT

EXAMPLE = ROOT / "docs" / "examples" / "method"
MODEL, FINDING = "pneumonia-mobilenet", "Pneumonia"
LIST = (
    "from xray.explain import METHODS, PLUGIN_PROBLEMS; import json; "
    "print(json.dumps([[m.name, m.package] for m in METHODS.values()] + [list(PLUGIN_PROBLEMS)]))"
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder with the example package, installed by pip from a copy that it may build in."""
    folder = tmp_path_factory.mktemp("plug-in")
    source = shutil.copytree(EXAMPLE, folder / "source")
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--target", folder / "target")
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", *options, source], check=True, cwd=folder)
    return folder / "target"


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("film") / "chest.png"
    pixels = simulated_samples()[1].build().radiograph.pixels
    Image.fromarray(np.rint(pixels * 255).astype(np.uint8)).save(path)
    return path


def python(packages: Path, *arguments: object) -> subprocess.CompletedProcess:
    path = os.pathsep.join((str(packages), str(ROOT)))
    environment = os.environ | {"PYTHONPATH": path}
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT)


def package(folder: Path, code: str, name: str = "broken_maps") -> Path:
    """An installed package: a module and the metadata that an installer writes."""
    folder.mkdir(exist_ok=True)
    metadata = folder / f"{name}-2.5.dist-info"
    metadata.mkdir()
    (folder / f"{name}.py").write_text(code)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 2.5\n")
    (metadata / "entry_points.txt").write_text(f"[xray.methods]\n{name} = {name}\n")
    return folder


@pytest.mark.slow
def test_the_installed_example_is_explained_checked_and_judged(installed, film):
    options = ("--model", MODEL, "--finding", FINDING, "--anyway", "--evidence", "--json")
    result = python(installed, "-m", "xray", "explain", film, "--method", "input-gradient", *options)
    assert result.returncode == 0, result.stderr
    facts = json.loads(result.stdout)
    assert (facts["method"], facts["layer"]) == ("input-gradient", "input")
    checks = {check["name"]: check for check in facts["checks"]}
    remade = {name: checks[name]["value"] for name in ("randomization", "stability")}
    assert all(-1 <= value <= 1 for value in remade.values()), remade  # computed again by the package
    assert np.isfinite(checks["deletion"]["value"])
    assert facts["verdict"]["support"] in ("supported", "not supported", "cannot tell")
    difference = sum(
        checks[name]["value"] - checks[name]["details"][COPIES] for name in ("deletion", "insertion")
    )
    assert facts["verdict"]["score"] == pytest.approx(difference, abs=1e-3)


def test_the_installed_example_is_in_the_list_of_methods_and_its_map_is_that_of_captum(installed):
    code = (
        f"{LIST}; import sys, numpy as np; from xray.explain import explain; "
        "from xray.imaging.phantom import simulated_samples; "
        "from xray.models.classifier import load_classifier; "
        f"made = explain(load_classifier('{MODEL}'), simulated_samples()[1].build().radiograph, "
        f"METHODS['input-gradient'], ['{FINDING}'])[1][0]; np.save(sys.argv[1], made.raw_map)"
    )
    place = installed / "map.npy"
    result = python(installed, "-c", code, place)
    assert result.returncode == 0, result.stderr
    listed = json.loads(result.stdout)
    assert listed[-1] == []
    assert ["input-gradient", "xray_input_gradient"] in listed
    classifier = load_classifier(MODEL)
    batch, _ = classifier.prepare(simulated_samples()[1].build().radiograph)
    index = classifier.entry.findings.index(FINDING)
    expected = InputXGradient(classifier.module).attribute(batch.requires_grad_(), target=index)
    np.testing.assert_allclose(np.load(place), expected[0].sum(0).detach().numpy(), atol=1e-5)


REGISTERS_TWO = """
from xray.explain.registry import register_combination
for name in ("first-of-two", "gradcam"):
    register_combination(name, title=name, paper="", values="")(lambda activations, gradients: activations)
"""
COSTS_A_LOT = """
from xray.explain.registry import register
register("dear", title="Dear", paper="", cost="a lot", values="")(lambda request: None)
"""


BROKEN = {
    "imports_nothing": (
        "import a_package_that_is_not_installed",
        "ModuleNotFoundError: No module named",
    ),
    "divides_by_zero": ("1 / 0", "ZeroDivisionError: division by zero"),
    "is_not_python": ("def method(:", "SyntaxError"),
    "registers_two": (REGISTERS_TWO, "got 'gradcam', which is registered"),
    "costs_a_lot": (
        COSTS_A_LOT,
        "expected a cost of one pass, tens of passes, hundreds of passes, got 'a lot'",
    ),
}


@pytest.mark.slow
def test_packages_that_cannot_be_loaded_are_left_out_with_a_sentence_each(tmp_path):
    for name, (code, _) in BROKEN.items():
        package(tmp_path, code, name)
    result = python(tmp_path, "-c", LIST)
    assert result.returncode == 0, result.stderr
    *listed, problems = json.loads(result.stdout)
    assert {owner for _, owner in listed} == {"xray"}
    assert "first-of-two" not in dict(listed)
    assert len(problems) == len(BROKEN)
    for name, (_, reason) in BROKEN.items():
        start = f"The explanation methods of {name} 2.5 ({name}) cannot be loaded: "
        (sentence,) = (problem for problem in problems if problem.startswith(start))
        assert reason in sentence
        assert sentence.endswith(". Correct, update or uninstall the package.")
        assert sentence in result.stderr
    assert "Traceback" not in result.stderr


RAISES = """
from xray.explain.registry import register
@register("raises", title="Raising", paper="", cost="one pass", values="")
def raises(request):
    raise KeyError("layer9")
"""


@pytest.mark.slow
def test_a_method_that_raises_an_error_is_a_sentence_in_the_terminal(tmp_path, film):
    packages = package(tmp_path, RAISES)
    command = ("-m", "xray", "explain", film, "--model", MODEL, "--method", "raises", "--anyway")
    result = python(packages, *command)
    assert result.returncode == 2
    assert result.stderr.strip() == (
        "Raising of broken_maps failed with KeyError: 'layer9'. "
        "Choose another method, or correct or uninstall the package broken_maps."
    )


def stop(_request):
    raise InterruptedError


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda _request: None, "returned NoneType instead of 1 maps"),
        (lambda _request: torch.zeros(2, 7, 7), r"returned \(2, 7, 7\) instead of 1 maps"),
        (lambda _request: torch.zeros(1, 0, 7), r"returned \(1, 0, 7\) instead of 1 maps"),
        (lambda _request: torch.full((1, 7, 7), torch.nan), "returned values that are not finite"),
    ],
)
def test_a_result_that_is_no_map_is_a_sentence(made, message):
    method = Method("odd", "Odd", "", "one pass", "", made, False, fits_all, "another")
    film = simulated_samples()[1].build().radiograph
    with pytest.raises(MethodFailed, match=message):
        explain(load_classifier(MODEL), film, method, [FINDING])


def test_progress_can_stop_a_method_of_another_package():
    method = Method("long", "Long", "", "tens of passes", "", stop, False, fits_all, "another")
    with pytest.raises(InterruptedError):
        explain(load_classifier(MODEL), simulated_samples()[1].build().radiograph, method, [FINDING])


def test_a_method_that_fails_to_judge_a_model_is_not_offered_for_it():
    def unfit(_classifier):
        raise AttributeError("no blocks")

    method = Method("odd", "Odd", "", "one pass", "", stop, False, unfit, "another")
    assert (
        method.refusal(load_classifier(MODEL)) == "The package another fails with AttributeError: no blocks"
    )
    with pytest.raises(AttributeError):
        Method("own", "Own", "", "one pass", "", stop, False, unfit).refusal(load_classifier(MODEL))
