"""Every architecture has the properties that training and explanation require."""

import pytest
import torch

from xray.models.architectures import ARCHITECTURES, as_grid, build
from xray.models.classifier import normalize
from xray.models.detector import DETECTORS
from xray.train.recipes import RECIPES

USED = {recipe.architecture: recipe for recipe in RECIPES.values() if recipe.architecture}
KNOWN = set(ARCHITECTURES)  # before tests add their own


def test_every_architecture_has_a_recipe():
    assert set(USED) == KNOWN


@pytest.mark.parametrize("name", sorted(USED))
def test_a_new_network_predicts_chance_and_its_target_layer_is_a_grid(name):
    recipe = USED[name]
    torch.manual_seed(0)
    module = build(name, 3).eval()
    seen = []
    module.get_submodule(recipe.target_layer).register_forward_hook(
        lambda _module, _inputs, output: seen.append(as_grid(output))
    )
    films = torch.rand(2, 1, recipe.input_size, recipe.input_size)
    logits = module(normalize(films, recipe.normalization))
    assert (logits == logits[0, 0]).all()
    if name in DETECTORS:
        assert logits[0, 0].sigmoid() < 0.01, "no box anywhere"
    else:
        assert logits[0, 0] == 0
    assert seen[0].shape[0] == 2
    assert min(seen[0].shape[2:]) >= 4


def test_tokens_are_laid_out_row_by_row_without_the_class_token():
    tokens = torch.arange(1 + 9).float()[None, :, None].expand(1, 10, 2) - 1
    grid = as_grid(tokens)
    assert grid.shape == (1, 2, 3, 3)
    assert grid[0, 1].tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert torch.equal(as_grid(tokens[:, 1:]), grid)
