"""The bank of a model whose films have several findings, from the command to the list of neighbors."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from xray.cli import app
from xray.imaging.phantom import chest_phantom
from xray.io import read_radiograph
from xray.models.embedding import embedding
from xray.models.ensemble import load_model
from xray.models.neighbors import neighbor_bank
from xray.models.registry import entry
from xray.settings import ROOT, settings
from xray.types import Radiograph

MODEL = "findings-densenet121-guided"  # trained with the labels that the readings corrected
BUNDLED = "findings-densenet121"  # the same network
READINGS = {"5": "Lung Opacity", "6": "No Lung Opacity / Not Normal"}
LABELS = {  # by patient; those of patient 9 are test films
    "1": "Effusion",
    "2": "Effusion|Infiltration",
    "3": "Mass",
    "4": "No Finding",
    "5": "No Finding",
    "6": "No Finding",
    "7": "Effusion|Cardiomegaly",
    "9": "Effusion",
}


def save(film: Radiograph, path: Path) -> None:
    Image.fromarray(np.rint(255 * film.pixels).astype(np.uint8)).save(path)


@pytest.fixture
def weights(tmp_path, monkeypatch, training_data):
    """A folder with the weights of the model, and a collection with one film of each patient."""
    for folder, patients in (("chest", "129"), ("chest128", "34567")):
        images = training_data / "data" / folder / "images"
        images.mkdir(parents=True)
        lines = ["path,labels,patient_id,split"]
        for patient in patients:
            save(chest_phantom(int(patient)).radiograph, images / f"{patient}_0.png")
            split = "test" if patient == "9" else "train_val"
            lines.append(f"images/{patient}_0.png,{LABELS[patient]},{patient},{split}")
        (images.parent / "labels.csv").write_text("\n".join(lines), encoding="utf-8")
    readings = training_data / "data" / "chest_readings"
    readings.mkdir()
    rows = [f"{patient}_0,{reading}" for patient, reading in READINGS.items()]
    (readings / "rsna_readings.csv").write_text("\n".join(["file,reading", *rows]))
    (readings / "rsna_boxes.csv").write_text("file,x,y,width,height\n")
    folder = tmp_path / "weights"
    folder.mkdir()
    registry = (ROOT / "weights" / "registry.toml").read_text(encoding="utf-8")
    (folder / "registry.toml").write_text(registry.replace(f'id = "{BUNDLED}"', f'id = "{MODEL}"'))
    shutil.copy(ROOT / "weights" / f"{BUNDLED}.safetensors", folder)
    monkeypatch.setenv("XRAY_WEIGHTS_DIR", str(folder))
    settings.cache_clear()
    yield folder
    settings.cache_clear()


@pytest.mark.slow
def test_a_bank_of_several_findings_compares_one_at_a_time(weights, tmp_path):
    built = CliRunner().invoke(app, ["neighbors-bank", MODEL])
    assert built.exit_code == 0, built.stderr
    bank = neighbor_bank(entry(MODEL))
    assert f"{MODEL}: {len(bank.names)} training films" in built.stdout
    patients = [name.rpartition("/")[2].partition("_")[0] for name in bank.names]
    known = dict(zip(patients, bank.labels, strict=True))
    assert "9" not in known
    effusion, infiltration = (bank.findings.index(name) for name in ("Effusion", "Infiltration"))
    present = {patient for patient, row in known.items() if row[effusion] == 1}
    unknown = {patient for patient, row in known.items() if np.isnan(row[effusion])}
    assert present == {"1", "2", "7"}
    assert unknown == {"5", "6"}
    assert [patient for patient, row in known.items() if row[infiltration] == 1] == ["2"]

    path = tmp_path / "film.png"
    save(chest_phantom(20).radiograph, path)
    model, film = load_model(MODEL), read_radiograph(path.read_bytes(), path.name)
    distances = bank.distances(bank.place(embedding(model, film)[None])[0])
    nearest = [patients[at] for at in np.argsort(distances)]
    command = ["neighbors", str(path), "--model", MODEL, "--finding", "effusion", "--anyway"]
    facts = json.loads(CliRunner().invoke(app, [*command, "--json"]).stdout)
    listed = [*facts["same"], *facts["other"]]
    found = {label: [one["name"][-7] for one in listed if one["present"] == label] for label in (True, False)}
    assert found[True] == [patient for patient in nearest if patient in present]
    assert found[False] == [patient for patient in nearest if patient not in present | unknown]

    text = CliRunner().invoke(app, command).stdout
    same, other = ("with", "without") if facts["called"] else ("without", "with")
    assert f"Same answer: {same} Effusion" in text
    assert f"Other answer: {other} Effusion" in text
    assert "2_0.png: Effusion, Infiltration; distance" in text
    assert "Same and other answer refer to Effusion only" in text
    infiltrated = CliRunner().invoke(app, [*command[:-2], "infiltration", "--anyway"]).stdout
    assert "5_0.png" not in infiltrated
    hernia = CliRunner().invoke(app, [*command[:-2], "hernia", "--anyway"]).stdout
    assert "with Hernia: no film" in hernia
    assert "5_0.png: finding not labeled" in hernia
    assert "6_0.png" not in hernia
