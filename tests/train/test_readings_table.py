"""AUROC by collection and finding, and the table of figures against readings."""

import numpy as np
from sklearn.metrics import roc_auc_score

from xray.models.registry import entry
from xray.train.figures import LabeledPredictions, figures_of
from xray.train.readings_table import readings_section

MODEL = entry("findings-mobilenet")
FILMS, COLLECTIONS = 240, ("A", "B")


def predictions(covered):
    generator = np.random.default_rng(3)
    targets = np.full((FILMS, len(MODEL.findings)), np.nan, np.float32)
    for finding in covered:
        targets[:, MODEL.findings.index(finding)] = generator.random(FILMS) < 0.4
    return LabeledPredictions(
        logits=np.zeros(targets.shape, np.float32),
        probabilities=generator.random(targets.shape).astype(np.float32),
        targets=targets,
        patients=[str(number) for number in range(FILMS)],
        sources=[COLLECTIONS[number % 2] for number in range(FILMS)],
    )


def test_the_figures_of_a_collection_have_the_auroc_of_each_finding():
    known = predictions(("Pneumonia", "No Finding"))
    parts = figures_of(MODEL, "readings", known)["sources"]
    for number, name in enumerate(COLLECTIONS):
        assert np.isfinite(parts[name]["metrics"]["macro_ece"]["value"]), "findings without labels"
        assert parts[name]["findings"] == ["Pneumonia", "No Finding"]
        for finding in parts[name]["findings"]:
            column = MODEL.findings.index(finding)
            expected = roc_auc_score(known.targets[number::2, column], known.probabilities[number::2, column])
            assert abs(parts[name]["auroc"][finding]["value"] - expected) < 1e-6


def test_the_table_states_readings_beside_labels():
    figures = {
        "readings": figures_of(MODEL, "readings", predictions(("No Finding",))),
        "test": figures_of(MODEL, "test", predictions(("No Finding", "Mass"))),
    }
    lines = readings_section(MODEL.id, figures).splitlines()
    header, _, everything, first, second = (line for line in lines if line.startswith("|"))
    assert header == "| films | read | No Finding, readings | No Finding, text-mined labels |"
    assert everything.startswith(f"| all | {FILMS} | ")
    for line, name in ((first, "A"), (second, "B")):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert cells[:2] == [name, "120"]
        for cell, part in zip(cells[2:], ("readings", "test"), strict=True):
            value = figures[part]["sources"][name]["auroc"]["No Finding"]["value"]
            assert cell.startswith(f"{value:.3f} (")


def test_a_model_without_readings_has_no_table():
    assert readings_section(MODEL.id, {"test": {}}) == ""
