"""Every registered model: file, card, figures and predictions are consistent."""

import hashlib
import json
import tomllib
from functools import cache

import numpy as np
import pytest
import torch

from xray.errors import InvalidRequest, ModelUnavailable
from xray.explain import trace
from xray.imaging.phantom import simulated_samples
from xray.io import read_radiograph
from xray.models.classifier import load_classifier
from xray.models.ensemble import load_model
from xray.models.gate import GATE
from xray.models.lungs import LUNGS
from xray.models.registry import ModelEntry, entries, entry
from xray.settings import ROOT, settings
from xray.train.bootstrap import Estimate
from xray.types import Prediction, Radiograph

MODELS = [one.id for one in entries()]
NETWORKS = [one.id for one in entries() if one.kind != "ensemble"]


def simulated_chest() -> Radiograph:
    return simulated_samples()[1].build().radiograph


@pytest.fixture
def chest() -> Radiograph:
    return simulated_chest()


@pytest.mark.parametrize("model_id", NETWORKS)
def test_the_weights_are_the_registered_ones(model_id):
    facts = entry(model_id)
    content = (settings().weights_dir / facts.weights).read_bytes()
    assert hashlib.sha256(content).hexdigest() == facts.sha256


def test_every_file_of_weights_belongs_to_a_model_and_all_are_small():
    files = {path.name: path.stat().st_size for path in settings().weights_dir.glob("*.safetensors")}
    registered = {entry(model_id).weights for model_id in NETWORKS} | {entry(GATE).bank}
    registered |= {name for model_id in NETWORKS if (name := entry(model_id).neighbors)}
    assert set(files) == registered | {f"{LUNGS}.safetensors"}
    assert sum(files.values()) < 72e6


@pytest.mark.parametrize("model_id", MODELS)
def test_card_and_figures_agree(model_id):
    folder = settings().weights_dir
    facts = load_model(model_id).entry
    card = (folder / facts.card).read_text(encoding="utf-8")
    figures = json.loads((folder / f"{model_id}.json").read_text(encoding="utf-8"))
    assert figures["test"]["weights_sha256"] == facts.sha256
    assert facts.sha256 in card
    assert facts.licence in card
    assert "Never for diagnosis" in card
    for name, value in figures["test"]["metrics"].items():
        (row,) = [line for line in card.splitlines() if line.startswith(f"| {name} |")]
        known = figures["validation"]["metrics"].get(name)
        validation = Estimate(**known) if known else "-"
        assert row.startswith(f"| {name} | {validation} | {Estimate(**value)} |")


@cache
def predicted(model_id: str) -> Prediction:
    """The prediction of the chest."""
    return load_model(model_id).predict(simulated_chest())


@pytest.mark.parametrize("model_id", MODELS)
def test_a_model_answers_every_film_the_same_way_twice(model_id, chest):
    said, again = predicted(model_id), load_model(model_id).predict(chest, intervals=False)
    assert said.findings == entry(model_id).findings
    assert said.probabilities.shape == said.logits.shape == (len(said.findings),)
    assert np.array_equal(said.logits, again.logits)
    assert ((said.probabilities > 0) & (said.probabilities < 1)).all()


@pytest.mark.parametrize("model_id", MODELS)
def test_probabilities_are_the_calibrated_logits(model_id):
    said, facts = predicted(model_id), entry(model_id)
    scaled = said.logits.astype(float) * facts.scale + facts.shift
    expected = (
        np.exp(scaled) / np.exp(scaled).sum() if facts.activation == "softmax" else 1 / (1 + np.exp(-scaled))
    )
    assert said.probabilities == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("model_id", NETWORKS)
def test_every_finding_has_gradients_at_the_target_layer(model_id, chest):
    classifier = load_classifier(model_id)
    traced = trace(classifier.module, classifier.target_layer, classifier.prepare(chest)[0])
    assert torch.isfinite(traced.gradients).all()
    assert (traced.gradients.flatten(1).abs().amax(1) > 0).all()


def test_two_findings_under_softmax_are_exact_opposites():
    """The head starts at zero and is trained symmetrically: a map of either explains the log-odds."""
    for model_id in MODELS:
        if entry(model_id).activation == "softmax" and len(entry(model_id).findings) == 2:
            logits = predicted(model_id).logits
            assert logits.sum() == pytest.approx(0, abs=2e-3)
            assert abs(logits[0]) > 0.1


def test_the_default_model_separates_films_with_and_without_the_finding(real_films):
    classifier = load_classifier("pneumonia-mobilenet")
    said = [
        classifier.predict(read_radiograph(path.read_bytes(), path.name), intervals=False).at_operating_point(
            "Pneumonia"
        )
        for path in real_films
    ]
    assert sum(said[:5]) <= 1
    assert sum(said[5:]) >= 4


def test_findings_are_understood_in_any_case():
    assert entry("pneumonia-mobilenet").spelled("pneumonia") == "Pneumonia"
    with pytest.raises(InvalidRequest, match=r"'Hernia'.*Normal, Pneumonia"):
        entry("pneumonia-mobilenet").spelled("Hernia")


def test_an_unknown_model_names_the_known_ones():
    with pytest.raises(ModelUnavailable, match="pneumonia-mobilenet"):
        entry("no-such-model")


def registered(folder, **changes) -> ModelEntry:
    """A folder with a copy of the default model's entry, changed."""
    facts = entry_of_repository() | changes
    lines = [f"{name} = {json.dumps(value)}" for name, value in facts.items()]
    (folder / "registry.toml").write_text("\n".join(["[[model]]", *lines]))
    return entry()


def entry_of_repository() -> dict:
    return tomllib.loads((ROOT / "weights" / "registry.toml").read_text())["model"][0]


def test_missing_weights_are_reported_with_a_hint(weights_folder):
    registered(weights_folder, title="missing")
    with pytest.raises(ModelUnavailable, match=r"are missing\..*python -m xray train pneumonia"):
        load_classifier()


def test_altered_weights_are_never_loaded(weights_folder):
    facts = registered(weights_folder, title="altered")
    content = bytearray((ROOT / "weights" / facts.weights).read_bytes())
    content[-1] ^= 1
    (weights_folder / facts.weights).write_bytes(content)
    with pytest.raises(ModelUnavailable, match="is not the file that the registry names"):
        load_classifier()


@pytest.mark.parametrize("content", [b"", b"not safetensors at all", b"\x08\0\0\0\0\0\0\0{}      "])
def test_weights_that_do_not_fit_are_refused(weights_folder, content):
    facts = registered(weights_folder, sha256=hashlib.sha256(content).hexdigest())
    (weights_folder / facts.weights).write_bytes(content)
    with pytest.raises(ModelUnavailable, match="does not fit mobilenet_v2"):
        load_classifier()


@pytest.mark.parametrize(
    "registry", ["[[model]]\nid = 3", "not toml at all [", "[[model]]\nid = 'half'", "", None]
)
def test_an_unreadable_registry_is_a_sentence(weights_folder, registry):
    if registry is not None:
        (weights_folder / "registry.toml").write_text(registry)
    with pytest.raises(ModelUnavailable, match=r"registry\.toml"):
        entries()


def test_one_threshold_for_every_finding(weights_folder):
    with pytest.raises(ModelUnavailable):
        registered(weights_folder, thresholds=[0.5])
