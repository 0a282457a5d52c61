"""Ablation of the teacher on planted films: training of the variant, and the card."""

import dataclasses
import json

import pytest
import torch
from sklearn.metrics import roc_auc_score

from tests.conftest import weights_in
from xray.errors import InvalidRequest
from xray.settings import settings
from xray.train.ablation import ablate, variants
from xray.train.bootstrap import Estimate
from xray.train.dataset import dataset
from xray.train.decoded import DecodedFilms
from xray.train.loop import accelerator_on, logits_of
from xray.train.make import load_films, make, train_recipe
from xray.train.recipes.recipe import Stage


@pytest.fixture(scope="module")
def student(tiny_recipe):
    first = Stage("distil", 9, learning_rate=1e-2, weight_decay=0.0, teacher=1.0, size=40)
    return dataclasses.replace(tiny_recipe, name="student", teacher="tiny", stages=(first,))


@pytest.fixture(scope="module")
def found(tiny_recipe, tiny_init, student, tmp_path_factory):
    with weights_in(tmp_path_factory.mktemp("weights")):
        make(tiny_recipe, tmp_path_factory.mktemp("runs"), init=tiny_init)
        make(student, tmp_path_factory.mktemp("runs"))
        yield ablate(student, tmp_path_factory.mktemp("ablation"), epochs=4)


def test_a_variant_leaves_out_one_loss_and_nothing_else(student):
    made = variants(student, 4)
    weights = {name: (one.stages[0].labels, one.stages[0].teacher) for name, one in made.items()}
    assert weights == {
        "labels and teacher": (1.0, 1.0),
        "labels alone": (1.0, 0.0),
        "teacher alone": (0.0, 1.0),
    }
    for one in made.values():
        restored = dataclasses.replace(one.stages[0], labels=1.0, teacher=1.0, epochs=9)
        assert dataclasses.replace(one, teacher="tiny", stages=(restored,)) == student


@pytest.mark.slow
def test_the_figures_are_those_of_the_network_trained_without_a_teacher(found, student, tmp_path):
    alone = variants(student, 4)["labels alone"]
    films = dataset(alone)
    decoded = DecodedFilms(tmp_path / "films", alone.input_size)
    run = train_recipe(alone, films, tmp_path / "checkpoint.pt", decoded, accelerator_on("cpu"))
    assert run.teacher is None
    pixels, targets, *_ = load_films(alone, films.held_out, decoded)
    probabilities = logits_of(run.average.module, pixels, alone.normalization, "cpu", 40).softmax(-1)[:, 1]
    metrics = found["metrics"]["labels alone"]
    assert metrics["auroc"]["value"] == pytest.approx(roc_auc_score(targets[:, 1], probabilities))
    assert metrics["accuracy"]["value"] == pytest.approx(
        ((probabilities >= 0.5) == torch.from_numpy(targets[:, 1]).bool()).float().mean().item()
    )
    assert (found["n"], found["epochs"], found["size"]) == (len(films.held_out), 4, 40)


@pytest.mark.slow
def test_who_follows_a_good_teacher_needs_no_label(found):
    assert found["metrics"]["teacher alone"]["auroc"]["value"] > 0.9


@pytest.mark.slow
def test_the_card_has_a_row_for_every_variant(found, student):
    folder = settings().weights_dir
    assert json.loads((folder / "student.json").read_text())["ablation"] == found
    card = (folder / "student.md").read_text()
    assert "python -m xray ablate student --epochs 4" in card
    for variant, metrics in found["metrics"].items():
        row = next(line for line in card.splitlines() if line.startswith(f"| {variant} |"))
        assert str(Estimate(**metrics["auroc"])) in row


def test_a_recipe_without_a_teacher_is_refused_in_a_sentence(tiny_recipe):
    with pytest.raises(InvalidRequest, match="The first stage of tiny does not use labels and a teacher"):
        variants(tiny_recipe, 4)
