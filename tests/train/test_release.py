"""Results of a training: a model whose predictions match its figures and card."""

import json
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import safetensors.torch
import torch

from tests.conftest import weights_in
from xray.errors import UnusableData
from xray.models.architectures import build
from xray.models.classifier import load_classifier
from xray.models.registry import entries, entry
from xray.models.weights import encode_weights
from xray.settings import settings
from xray.train.data import read_dataset
from xray.train.figures import LabeledPredictions
from xray.train.make import make
from xray.train.release import operating_points, rewrite_card


def test_weights_are_halved_where_they_fit(tiny_init):
    module = build("tiny", 2)
    torch.nn.init.constant_(module[4].weight, 1e6)
    kept = safetensors.torch.load(encode_weights(module))
    assert kept["4.weight"].dtype == torch.float32
    assert (kept["4.weight"] == 1e6).all()
    assert kept["4.bias"].dtype == torch.float16


@pytest.fixture(scope="module")
def figures(tiny_recipe, tiny_init, planted_films, tmp_path_factory) -> Iterator[dict]:
    """A model trained once; its weights folder is in place while this module's tests run."""
    with weights_in(tmp_path_factory.mktemp("weights")):
        yield make(tiny_recipe, tmp_path_factory.mktemp("runs"), init=tiny_init)


def test_a_planted_disc_is_learned_and_the_model_is_saved(figures, planted_films):
    test = figures["test"]
    assert (test["n"], test["patients"], test["findings"]["Pneumonia"]["positives"]) == (40, 20, 20)
    assert test["metrics"]["auroc"]["value"] > 0.95
    assert json.loads((settings().weights_dir / "tiny.json").read_text()) == figures
    facts = entry("tiny")
    assert facts.thresholds == (pytest.approx(1 - facts.thresholds[1]), facts.thresholds[1])
    card = (settings().weights_dir / facts.card).read_text()
    assert facts.sha256 in card
    for name, value in test["metrics"].items():
        row = next(line for line in card.splitlines() if line.startswith(f"| {name} |"))
        assert row.endswith(f"| {value['value']:.3f} ({value['low']:.3f} to {value['high']:.3f}) |")


def test_a_rewritten_card_has_the_new_sentences_and_the_same_figures(figures, tiny_recipe):
    folder = settings().weights_dir
    kept = [(path, path.read_bytes()) for path in (folder / "registry.toml", folder / "tiny.json")]
    changed = replace(tiny_recipe, title="Tiny, renamed", weaknesses=("It is small.",))
    try:
        assert rewrite_card(changed).title == entry("tiny").title == "Tiny, renamed"
        text = (folder / "tiny.md").read_text()
        assert text.startswith("# Tiny, renamed\n")
        assert text.endswith("## Known weaknesses\n\n- It is small.\n")
        rewritten = json.loads((folder / "tiny.json").read_text())
        assert rewritten["weaknesses"] == ["It is small."]
        assert rewritten | {"weaknesses": figures["weaknesses"]} == figures
    finally:
        for path, content in kept:
            path.write_bytes(content)
        rewrite_card(tiny_recipe)


def test_the_released_model_answers_as_measured(figures, planted_films):
    classifier = load_classifier("tiny")
    films = [film for film in read_dataset(planted_films) if film.split == "test"]
    right = [
        classifier.predict(film.read()).at_operating_point("Pneumonia") == ("pneumonia" in film.labels)
        for film in films
    ]
    assert sum(right) / len(right) == figures["test"]["metrics"]["accuracy"]["value"]


def test_the_operating_point_keeps_its_sensitivity_on_validation(figures, tiny_recipe):
    assert figures["validation"]["metrics"]["sensitivity"]["value"] >= tiny_recipe.target_sensitivity


@pytest.mark.slow
def test_training_again_replaces_the_registry_entry(figures, tiny_recipe, tiny_init, planted_films, tmp_path):
    make(tiny_recipe, tmp_path / "again", init=tiny_init)
    assert entry().id == "tiny"
    assert load_classifier("tiny").entry == entry("tiny")


def test_a_model_trained_on_own_data_is_listed_with_its_data_set(
    figures, tiny_recipe, tiny_init, planted_films, tmp_path
):
    make(tiny_recipe.renamed("mine", "holiday-films"), tmp_path / "runs", data=planted_films)
    assert [one.id for one in entries()] == ["tiny", "mine"]
    assert entry("mine").trained_on == "the films of the folder holiday-films"
    card = (settings().weights_dir / "mine.md").read_text()
    assert "holiday-films" in card
    assert "Kermany" not in card


@pytest.mark.parametrize("count", [1, 3, 10, 11, 29, 57])
def test_the_target_specificity_is_reached_at_every_number_of_films(tiny_recipe, count):
    generator = np.random.default_rng(count)
    probabilities = generator.random((2 * count, 2)).astype(np.float32)
    targets = np.zeros((2 * count, 2), np.float32)
    targets[count:] = 1
    films = [str(number) for number in range(2 * count)]
    predictions = LabeledPredictions(probabilities, probabilities, targets, films, films)
    gate = replace(tiny_recipe, target_sensitivity=None, target_specificity=0.9, activation="sigmoid")
    points = operating_points(gate, predictions)
    below = (probabilities[:count] < np.float32(points)).sum(axis=0)
    assert (10 * below >= 9 * count).all()
    assert all(point >= 0.5 for point in points)


def test_a_sensitivity_without_a_film_with_the_finding_is_refused(tiny_recipe):
    half = np.full((4, 2), 0.5, np.float32)
    absent = np.float32([[1, 0]] * 4)
    predictions = LabeledPredictions(half, half, absent, ["p"] * 4, ["s"] * 4)
    with pytest.raises(UnusableData, match="No validation film shows Pneumonia"):
        operating_points(tiny_recipe, predictions)
