"""Figures on a user's collection appear on the card, on the Models page and in the README's table."""

import csv
import json
import shutil

import numpy as np
import pytest
from PIL import Image
from torch import nn
from typer.testing import CliRunner

from xray.cli import app
from xray.errors import InvalidRequest
from xray.models.classifier import Classifier
from xray.models.figures import model_figures
from xray.models.registry import entry
from xray.settings import ROOT, settings
from xray.train.external import add_external
from xray.train.recipes import RECIPES
from xray.train.release import rewrite_card
from xray.train.summary import row

BRIGHTNESS = {50: "normal", 60: "normal", 70: "normal", 65: "pneumonia", 80: "pneumonia", 90: "pneumonia"}
AUROC = 8 / 9  # of the nine pairs, only 65 against 70 is in the wrong order


def of_brightness(known):
    """A network whose logits rise with the brightness of the film; for two findings, that of the second."""
    module = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, len(known.findings)))
    nn.init.constant_(module[-1].weight, 2.0)
    nn.init.zeros_(module[-1].bias)
    if len(known.findings) == 2:
        module[-1].weight.data[0] = 0
    return Classifier(known.model_copy(update={"normalization": "unit"}), module)


@pytest.fixture
def weights(tmp_path, monkeypatch, training_data):
    """A folder of weights with the figures of two models, whose networks respond to brightness."""
    folder = tmp_path / "weights"
    folder.mkdir()
    shutil.copy(ROOT / "weights" / "registry.toml", folder)
    for name in ("pneumonia-mobilenet", "findings-cnn"):
        shutil.copy(ROOT / "weights" / f"{name}.json", folder)
    monkeypatch.setenv("XRAY_WEIGHTS_DIR", str(folder))
    settings.cache_clear()
    monkeypatch.setattr("xray.train.external.load_model", lambda name: of_brightness(entry(name)))
    yield folder
    settings.cache_clear()


def collection(folder, labels):
    """Films of known brightness, ten of each, each of one patient."""
    folder.mkdir(parents=True)
    with (folder / "labels.csv").open("w", newline="") as lines:
        rows = csv.writer(lines)
        rows.writerow(["path", "labels", "patient_id"])
        for copy in range(10):
            for value, label in labels.items():
                pixels = np.full((64, 64), value, np.uint8)
                pixels[0, copy] += 1  # a film of one gray value is refused
                Image.fromarray(pixels).save(folder / f"{value}_{copy}.png")
                rows.writerow([f"{value}_{copy}.png", label, f"{value}_{copy}"])
    return folder


def test_the_command_adds_a_row_to_figures_card_page_and_table(weights, tmp_path):
    before = json.loads((weights / "pneumonia-mobilenet.json").read_text())
    folder = str(collection(tmp_path / "mine", BRIGHTNESS))
    done = CliRunner().invoke(
        app, ["evaluate", "pneumonia-mobilenet", "--data", folder, "--external", "Our clinic, 2026", "--json"]
    )
    assert done.exit_code == 0, done.stderr
    after = json.loads((weights / "pneumonia-mobilenet.json").read_text())
    added = after.pop("external")["Our clinic, 2026"]
    assert after == before
    assert (added["n"], added["patients"], added["split"]) == (60, 60, "all")
    assert added["metrics"]["auroc"]["value"] == pytest.approx(AUROC)
    assert added["metrics"]["auroc"]["low"] < AUROC < added["metrics"]["auroc"]["high"]
    card = (weights / "pneumonia-mobilenet.md").read_text()
    assert "Our clinic, 2026 (not trained on) |" in card
    assert "| 0.889 (0." in next(line for line in card.splitlines() if line.startswith("| auroc |"))
    assert "--data FOLDER --external NAME" in card
    assert model_figures(entry("pneumonia-mobilenet")).external["Our clinic, 2026"].n == 60
    cells = row(RECIPES["pneumonia-mobilenet"], after | {"external": {"Our clinic, 2026": added}})
    assert "Our clinic, 2026, not trained on (60): AUROC 0.889 (0." in cells[2]


def test_several_findings_have_their_auroc_and_interval_each(weights, tmp_path):
    labels = {
        value: "No Finding" if label == "normal" else "Pneumonia" for value, label in BRIGHTNESS.items()
    }
    labels[55] = "Mass"
    add_external("findings-cnn", "Elsewhere", collection(tmp_path / "mine", labels))
    kept = json.loads((weights / "findings-cnn.json").read_text())["external"]["Elsewhere"]
    assert kept["findings"]["Pneumonia"]["positives"] == 30
    # each of the 3 kinds with pneumonia against 4 without: 65 beats 50, 55 and 60; 80 and 90 beat all
    assert kept["findings"]["Pneumonia"]["metrics"]["auroc"]["value"] == pytest.approx(11 / 12)
    assert kept["findings"]["Mass"]["metrics"]["auroc"]["value"] == pytest.approx(1 / 6)
    card = (weights / "findings-cnn.md").read_text()
    (line,) = [line for line in card.splitlines() if line.startswith("| Pneumonia | 0.917 (")]
    assert line.endswith("30 of 70 |")


def test_the_row_is_replaced_by_name_and_survives_a_new_card(weights, tmp_path, monkeypatch):
    folder = collection(tmp_path / "mine", BRIGHTNESS)
    add_external("pneumonia-mobilenet", "A", folder)
    add_external("pneumonia-mobilenet", "B", folder)
    add_external("pneumonia-mobilenet", "A", collection(tmp_path / "other", {40: "normal", 90: "pneumonia"}))
    kept = json.loads((weights / "pneumonia-mobilenet.json").read_text())["external"]
    assert {name: (part["n"], part["metrics"]["auroc"]["value"]) for name, part in kept.items()} == {
        "A": (20, 1.0),
        "B": (60, pytest.approx(AUROC)),
    }
    monkeypatch.setattr("xray.train.release.load_model", lambda name: of_brightness(entry(name)))
    rewrite_card(RECIPES["pneumonia-mobilenet"])
    assert "A (not trained on) | B (not trained on) |" in (weights / "pneumonia-mobilenet.md").read_text()


@pytest.mark.parametrize("name", ["a | b", "", "x" * 61, "<b>", "kermany-pneumonia", "rsna, ADULTS"])
def test_names_that_break_the_table_or_are_those_of_training_collections_are_refused(weights, tmp_path, name):
    with pytest.raises(InvalidRequest):
        add_external("pneumonia-mobilenet", name, tmp_path)
    assert not (weights / "pneumonia-mobilenet.md").exists()


def test_the_folder_of_a_training_collection_is_refused(weights, tmp_path):
    folder = collection(tmp_path / "training" / "data" / "pneumonia" / "test", BRIGHTNESS)
    with pytest.raises(InvalidRequest, match="was trained on films of this collection"):
        add_external("pneumonia-mobilenet", "Mine", folder)


def test_copies_of_training_films_are_refused_and_those_of_test_films_are_not(weights, tmp_path):
    films = collection(tmp_path / "training" / "data" / "fracture-copy", {1: "a", 2: "b"})
    lists = {
        "chest": {"50_0.png": "No Finding,1,", "90_0.png": "Mass,q,test"},
        "chest128": {"70_0.png": "Mass,2,"},
    }
    for name, rows in lists.items():
        folder = tmp_path / "training" / "data" / name
        folder.mkdir()
        lines = ["path,labels,patient_id,split", *(f"{film},{facts}" for film, facts in rows.items())]
        (folder / "labels.csv").write_text("\n".join(lines), encoding="utf-8")
        for film in rows:
            shutil.copy(films / "1_0.png", folder / film)
    readings = tmp_path / "training" / "data" / "chest_readings"
    readings.mkdir()
    (readings / "rsna_readings.csv").write_text("file,reading\n70_0,Normal\n", encoding="utf-8")
    (readings / "rsna_boxes.csv").write_text("file,x,y,width,height\n70_0,1,2,3,4\n", encoding="utf-8")
    mine = collection(tmp_path / "mine", {50: "No Finding", 90: "Mass"})
    with pytest.raises(InvalidRequest, match="1 of 20 films have names of training films of findings-cnn"):
        add_external("findings-cnn", "Mine", mine)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--external", "A"], "--external needs --data"),
        (["--external", "A", "--data", "x", "--shrink", "64"], "unchanged films"),
        (["--external", "A", "--data", "x", "--without-markers"], "unchanged films"),
    ],
)
def test_options_that_do_not_fit_together_are_refused(weights, options, message):
    done = CliRunner().invoke(app, ["evaluate", "pneumonia-mobilenet", *options])
    assert done.exit_code == 2
    assert message in done.stderr
