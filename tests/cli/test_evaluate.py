"""The terminal evaluates models, and names the known recipes."""

import json

import numpy as np
from PIL import Image

from tests.cli.conftest import run


def test_evaluation_prints_every_figure_with_its_interval(tmp_path, folder):
    for kind in ("NORMAL", "PNEUMONIA"):
        (tmp_path / kind).mkdir()
        for number in range(3):
            film = np.asarray(Image.open(folder / "forearm.jpg"), np.uint8)[:: number + 1]
            Image.fromarray(film).save(tmp_path / kind / f"{number}.png")
    facts = json.loads(run("evaluate", "pneumonia-mobilenet", "--data", tmp_path, "--json").stdout)
    assert (facts["model"], facts["n"], facts["split"]) == ("pneumonia-mobilenet", 6, "all")
    assert list(facts["metrics"]) == ["auroc", "accuracy", "sensitivity", "specificity", "ece", "brier"]
    assert facts["metrics"]["auroc"]["value"] == 0.5  # the same films under both labels
    for figure in facts["metrics"].values():
        assert figure["low"] <= figure["value"] <= figure["high"]


def test_evaluating_an_empty_folder_is_a_sentence(tmp_path):
    result = run("evaluate", "pneumonia-mobilenet", "--data", tmp_path)
    assert result.exit_code == 2
    assert "holds no labeled films" in result.stderr


def test_an_unknown_recipe_names_the_known_ones():
    result = run("train", "alchemy")
    assert result.exit_code == 2
    assert "pneumonia-mobilenet" in result.stderr
