"""The terminal explains a film, puts the checks to it and keeps limits beside the weights."""

import json
import shlex
import shutil
from typing import get_args

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from xray.cli import app
from xray.evidence import CHECKS
from xray.evidence.limits import limits_file
from xray.imaging.phantom import chest_phantom, simulated_samples
from xray.settings import ROOT
from xray.types import Support


@pytest.fixture(scope="module")
def chest(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "chest.png"
    pixels = simulated_samples()[0].build().radiograph.pixels
    Image.fromarray(np.rint(pixels * 255).astype(np.uint8)).save(path)
    return path


def explained(*arguments: object):
    return CliRunner().invoke(app, ["explain", *(str(one) for one in arguments)])


@pytest.mark.parametrize("box", [(), ("--box", "50,50,300,300")])
def test_the_terminal_prints_every_check_as_json(chest, box):
    """Null, not NaN, where a figure is undefined: NaN is no JSON."""
    options = ("--model", "findings-cnn", "--evidence", "--json")
    command = ("explain", *box) if box else ("analyze", "--anyway")
    result = CliRunner().invoke(app, [*command, str(chest), *options])
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout, parse_constant=pytest.fail)
    facts = facts if box else facts[0]
    assert [one["name"] for one in facts["checks"]] == list(CHECKS)
    for one in facts["checks"]:
        assert {"name", "value", "baseline", "verdict", "why", "seconds"} <= one.keys()
    assert facts["verdict"].keys() == {
        *("support", "reason", "score", "meaningless_supported", "true_supported"),
    }
    assert facts["verdict"]["support"] in get_args(Support)
    location = facts["checks"][list(CHECKS).index("location")]
    if box:
        x, y = facts["peak"]
        assert location["verdict"] == ("passed" if 50 < x < 300 and 50 < y < 300 else "failed")
    else:
        assert location["verdict"] == "cannot be judged"
        assert location["value"] is None
        line = CliRunner().invoke(app, ["analyze", "--anyway", str(chest), *options[:-1]]).stdout
        assert f"Map: {facts['verdict']['support']}. {facts['verdict']['reason']}" in line


@pytest.mark.parametrize("box", ["1,2,3", "10,10,5,20", "left,top,right,bottom", "nan,1,2,30", "0,0,inf,30"])
def test_a_box_that_is_none_is_a_sentence(chest, box):
    result = explained(chest, "--model", "findings-cnn", "--box", box)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == f"'{box}' is not a box. Write LEFT,TOP,RIGHT,BOTTOM in pixels.\n"


@pytest.mark.parametrize("box", ["5000,10,5100,20", "10,-30,20,0"])
def test_a_box_outside_the_film_is_a_sentence(chest, box):
    result = explained(chest, "--model", "findings-cnn", "--evidence", "--box", box)
    assert result.exit_code == 2
    assert f"The box {box} lies outside chest.png. The film has " in result.stderr


def test_a_box_without_checks_is_a_sentence(chest):
    result = explained(chest, "--box", "10,10,50,50")
    assert (result.exit_code, result.stderr) == (2, "A box is used by the checks only. Add --evidence.\n")


@pytest.mark.parametrize("command", ["explain", "neighbors"])
def test_a_refused_film_and_how_it_was_read_are_stated_with_every_result(chest, tmp_path, command):
    pixels = np.asarray(Image.open(chest)).astype(np.uint16)
    Image.fromarray(np.rot90(pixels, 2) * 16).save(tmp_path / "turned.png")
    options = ("--anyway", "--model", "pneumonia-mobilenet")
    lines = CliRunner().invoke(app, [command, str(tmp_path / "turned.png"), *options]).stdout.splitlines()
    assert any(line.startswith("Analyzed although the input gate refused it: ") for line in lines)
    assert "Stored with 16 bits but uses 12: scaled by 4095." in lines
    printed = CliRunner().invoke(app, [command, str(tmp_path / "turned.png"), *options, "--json"]).stdout
    facts = json.loads(printed)
    assert not facts["gate"]["accepted"]
    assert facts["notes"] == ["Stored with 16 bits but uses 12: scaled by 4095."]
    assert facts["fallback"] == ""


def test_a_map_without_positive_values_has_no_place(chest, tmp_path):
    np.save(tmp_path / "map.npy", -np.eye(7) - 1)
    options = (chest, "--map", tmp_path / "map.npy")
    assert "External map of Normal, no positive evidence" in explained(*options, "--finding", "Normal").stdout
    assert json.loads(explained(*options, "--json").stdout)["peak"] is None


def test_a_map_that_is_none_is_refused_before_the_film_is_read(chest, tmp_path):
    np.save(tmp_path / "map.npy", np.ones((7, 7)))
    result = explained(tmp_path / "nowhere.png", "--map", tmp_path / "map.npy")
    assert result.exit_code == 2
    assert "All values of map.npy are 1" in result.stderr


def test_an_unknown_check_is_a_sentence():
    result = CliRunner().invoke(app, ["evaluate-explanations", "findings-cnn", "--check", "taste"])
    assert result.exit_code == 2
    assert result.stderr.startswith("There is no check 'taste'. Known: deletion, insertion,")


@pytest.fixture
def films(tmp_path):
    lines = ["path,labels,patient_id"]
    for seed in range(3):
        pixels = chest_phantom(seed, size=(96, 96)).radiograph.pixels
        Image.fromarray(np.rint(pixels * 255).astype(np.uint8)).save(tmp_path / f"{seed}.png")
        lines.append(f"{seed}.png,No Finding,{seed}")
    (tmp_path / "labels.csv").write_text("\n".join(lines))
    return tmp_path


@pytest.mark.slow
def test_limits_are_kept_beside_those_of_other_methods(films, weights_folder, monkeypatch):
    monkeypatch.setattr("xray.evidence.inserted_lesion.RISE", -100)  # every lesion is used
    monkeypatch.setattr("xray.train.explanations.FEWEST", 3)
    for name in ("registry.toml", "findings-cnn.json", "findings-cnn.safetensors"):
        shutil.copy(ROOT / "weights" / name, weights_folder)
    for name in ("gradcam", "eigencam"):
        asked = ["evaluate-explanations", "findings-cnn", "--data", str(films), "--limits", "--keep"]
        asked += ["--method", name]
        given = [*asked, "--measured", str(films / "films so far.json")]
        monkeypatch.setattr("sys.argv", ["xray", *given])
        result = CliRunner().invoke(app, given)
        assert result.exit_code == 0, result.output
    told = json.loads(limits_file("findings-cnn").read_text())
    assert (told["films"], told["split"]) == (3, "all")
    assert told["command"] == shlex.join(["python", "-m", "xray", *asked]), "without a file of this computer"
    assert {"deletion", "insertion", "road", "agreement", "stability", "shortcut"} == told["limits"][
        "*"
    ].keys()
    for name in ("gradcam", "eigencam"):
        assert told["limits"][name].keys() == {"randomization"}
