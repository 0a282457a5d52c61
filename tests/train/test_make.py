"""A complete training on planted films: learning, resuming, stored figures."""

import copy
import dataclasses

import numpy as np
import pytest
import torch

from xray.errors import InvalidRequest, ModelUnavailable, UnusableData
from xray.models.architectures import build
from xray.models.registry import entry
from xray.models.weights import encode_weights
from xray.train import loop
from xray.train.augment import Films
from xray.train.data import read_dataset, split_by_patient
from xray.train.loop import accelerator_on, train
from xray.train.make import make, require_models, start
from xray.train.recipes import RECIPES
from xray.train.recipes.recipe import Stage
from xray.train.run import Run, averaged, save


@pytest.mark.slow
def test_a_resumed_training_ends_like_an_uninterrupted_one(
    tiny_recipe, tiny_init, planted_films, weights_folder, tmp_path, monkeypatch
):
    make(tiny_recipe, tmp_path / "whole", init=tiny_init)
    whole = entry("tiny").sha256
    written = []

    def stopped_after_two_epochs(checkpoint, state):
        save(checkpoint, state)
        written.append(checkpoint)
        if len(written) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(loop, "save", stopped_after_two_epochs)
        with pytest.raises(KeyboardInterrupt):
            make(tiny_recipe, tmp_path / "parts", init=tiny_init)
    longer = make(tiny_recipe, tmp_path / "parts", init=tiny_init, resume=True)
    assert len(longer["epochs"]) == 4
    assert entry("tiny").sha256 == whole


@pytest.mark.parametrize("content", [b"", b"no checkpoint", "another network"])
def test_a_checkpoint_that_does_not_fit_is_refused(
    tiny_recipe, tiny_init, planted_films, tmp_path, weights_folder, content
):
    checkpoint = tmp_path / "tiny" / "checkpoint.pt"
    checkpoint.parent.mkdir()
    if isinstance(content, bytes):
        checkpoint.write_bytes(content)
    else:
        torch.save({"run": {"module": torch.nn.Linear(2, 2).state_dict()}}, checkpoint)
    with pytest.raises(UnusableData, match=r"checkpoint\.pt is damaged or belongs to another recipe"):
        make(tiny_recipe, tmp_path, init=tiny_init, resume=True)


def test_starting_weights_fill_all_but_the_head(tiny_recipe, tmp_path):
    given = build("tiny", 1000)
    path = tmp_path / "thousand.safetensors"
    path.write_bytes(encode_weights(given))
    module = start(tiny_recipe, path)
    assert torch.equal(module[0][0].weight, given[0][0].weight.half().float())
    assert module[4].weight.shape == (2, 16)


def test_starting_weights_fill_the_part_that_the_recipe_names(tmp_path):
    given = build("mobilenet_v2", 2)
    path = tmp_path / "mobilenet.safetensors"
    path.write_bytes(encode_weights(given))
    module = start(RECIPES["pneumonia-vit-children"], path)
    filled, source = module.patch_embed.backbone.state_dict(), given.features.state_dict()
    assert len(filled) > 50
    for name, value in filled.items():
        assert torch.equal(value, source[name].half().float() if value.is_floating_point() else source[name])


def test_starting_weights_of_another_network_are_refused(tiny_recipe, tmp_path):
    path = tmp_path / "other.safetensors"
    path.write_bytes(encode_weights(torch.nn.Linear(3, 4)))
    with pytest.raises(UnusableData, match=r"other\.safetensors"):
        start(tiny_recipe, path)


def test_missing_starting_weights_are_named_before_films_are_read(tiny_recipe, tmp_path):
    with pytest.raises(UnusableData, match=r"nowhere\.safetensors"):
        make(tiny_recipe, tmp_path / "runs", init=tmp_path / "nowhere.safetensors")
    assert not (tmp_path / "runs").exists(), "no film was read"


@pytest.mark.parametrize(
    "needs",
    [
        {"init": "model:pneumonia-vit-children"},
        {"teacher": "pneumonia-vit-children"},
        {"members": ("pneumonia-mobilenet", "pneumonia-vit-children")},
    ],
)
def test_a_missing_model_is_named_before_films_are_read(needs, tiny_recipe, tmp_path):
    recipe = dataclasses.replace(tiny_recipe, **needs)
    with pytest.raises(ModelUnavailable) as raised:
        make(recipe, tmp_path / "runs")
    assert not (tmp_path / "runs").exists(), "no film was read"
    assert "python -m xray train pneumonia-vit-children" in raised.value.hint


@pytest.mark.parametrize("name", [recipe.name for recipe in RECIPES.values() if recipe.members])
def test_an_ensemble_needs_only_its_members_which_are_bundled(name):
    require_models(RECIPES[name])


def test_a_data_set_without_test_films_is_refused_before_training(tiny_recipe, tiny_init, tmp_path):
    for kind in ("NORMAL", "PNEUMONIA"):
        (tmp_path / "own" / "train" / kind).mkdir(parents=True)
        (tmp_path / "own" / "train" / kind / "film.png").write_bytes(b"never opened")
    with pytest.raises(UnusableData, match="There are no test films"):
        make(tiny_recipe, tmp_path / "runs", data=tmp_path / "own", init=tiny_init)


def test_no_patient_is_on_both_sides(planted_films):
    films = [film for film in read_dataset(planted_films) if film.split == "train"]
    learning, held_out = split_by_patient(films, 0.3, seed=1)
    assert len(learning) + len(held_out) == 80
    assert len({film.patient for film in held_out}) == 12
    assert not {film.patient for film in learning} & {film.patient for film in held_out}


def sixteen_films() -> Films:
    """Random films, half of them with the second of two findings."""
    pixels = torch.randint(256, (16, 1, 48, 48), dtype=torch.uint8)
    targets = np.eye(2, dtype=np.float32)[[0, 1] * 8]
    return Films(pixels, targets, ((),) * 16, targets > 1, ("",) * 16)


def test_a_stage_sees_its_own_size_in_training_and_validation(tiny_recipe, tmp_path):
    small, full = (Stage(str(size), 1, 1e-3, 0.0, size=size) for size in (32, None))
    chosen = dataclasses.replace(tiny_recipe, stages=(small, full))
    films = sixteen_films()
    module, seen = build("tiny", 2), []
    module.register_forward_pre_hook(lambda own, inputs: seen.append((own.training, inputs[0].shape[-1])))
    run, checkpoint = Run(module, averaged(module, 0.5)), tmp_path / "run.pt"
    train(chosen, run, films, None, films, checkpoint=checkpoint, accelerator=accelerator_on("cpu"))
    assert seen == [(True, 32), (True, 32), (False, 32), (True, 48), (True, 48), (False, 48)]


def test_a_layer_that_is_not_trained_keeps_its_statistics(tiny_recipe, tmp_path):
    chosen = dataclasses.replace(tiny_recipe, stages=(Stage("late", 1, 1e-3, 0.0, trainable=("1", "4")),))
    films = sixteen_films()
    module = build("tiny", 2)
    run, checkpoint = Run(module, averaged(module, 0.5)), tmp_path / "run.pt"
    before = copy.deepcopy(module.state_dict())
    train(chosen, run, films, None, films, checkpoint=checkpoint, accelerator=accelerator_on("cpu"))
    changed = {
        name for name, value in run.module.state_dict().items() if not torch.equal(value, before[name])
    }
    assert not {name for name in changed if name.startswith("0.")}
    assert {"1.0.weight", "1.1.running_mean", "1.1.running_var", "4.weight"} <= changed


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a computer without a GPU")
def test_a_device_that_the_computer_lacks_is_named(tiny_recipe, tiny_init, weights_folder, tmp_path):
    with pytest.raises(InvalidRequest, match="no cuda device"):
        make(tiny_recipe, tmp_path, init=tiny_init, device="cuda")
