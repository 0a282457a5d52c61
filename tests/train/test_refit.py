"""A last layer fitted again: the same logits, a tenth of the positions without the finding above zero, and
maps inside the boxes."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from xray.train.augment import Films
from xray.train.guided import class_maps
from xray.train.recipes import recipe
from xray.train.refit import RIDGE, SHARE, constant_combination, located, refit

FINDINGS = 3
RECIPE = replace(recipe("findings-mobilenet"), target_layer="0", input_size=32, normalization="unit")


@pytest.fixture
def network() -> nn.Sequential:
    """A network with a constant feature, whose class maps are negative everywhere."""
    torch.manual_seed(0)
    features = nn.Sequential(nn.Conv2d(3, 24, 5, 4), nn.ReLU())
    network = nn.Sequential(features, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, FINDINGS))
    with torch.no_grad():
        features[0].weight[0], features[0].bias[0] = 0, 0.5
        network[-1].weight[:, 0] = -2
    return network.eval()


@pytest.fixture
def films() -> Films:
    generator = np.random.default_rng(0)
    pixels = torch.from_numpy(generator.integers(0, 256, (60, 1, 32, 32), np.uint8))
    targets = (generator.random((60, FINDINGS)) < 0.3).astype(np.float32)
    return Films(pixels, targets, ((),) * 60, targets == 1, ("all",) * 60)


def maps_and_logits(network: nn.Sequential, films: Films) -> tuple[np.ndarray, np.ndarray]:
    batch = films.pixels.float().div(255).expand(-1, 3, -1, -1)
    with torch.inference_mode():
        return class_maps(network, network[0](batch)).numpy(), network(batch).numpy()


def test_maps_move_and_logits_stay(network, films):
    maps, logits = maps_and_logits(network, films)
    assert maps.max() < 0
    refit(network, RECIPE, films)
    centered, same = maps_and_logits(network, films)
    assert same == pytest.approx(logits, abs=0.01)
    for finding in range(FINDINGS):
        absent = centered[films.targets[:, finding] == 0, finding]
        assert (absent > 0).mean() == pytest.approx(1 - SHARE, abs=0.03)
        before, after = maps[:, finding].ravel(), centered[:, finding].ravel()
        assert np.corrcoef(before, after)[0, 1] > 0.9


def test_the_constant_is_the_solution_of_a_ridge_regression():
    generator = np.random.default_rng(1)
    features = generator.random((400, 6)).astype(np.float32)
    strength = np.sqrt(400 * RIDGE * (features**2).mean())
    rows = np.concatenate([features, strength * np.eye(6)])
    expected, *_ = np.linalg.lstsq(rows, np.repeat([1.0, 0.0], [400, 6]), rcond=None)
    found = constant_combination(torch.from_numpy(features)).numpy()
    assert found == pytest.approx(expected / (features @ expected).mean(), rel=1e-4)


def test_a_map_moves_into_the_boxes_and_logits_stay():
    """Two of four features mark the lesion on average over the film, but only one of them at its place."""
    torch.manual_seed(0)
    lesions = torch.rand(80, 1)
    features = 0.5 * torch.rand(80, 4, 4, 4)
    features[:, 0, 1, 1] += 80 * lesions[:, 0]
    features[:, 1, 3, 3] += 80 * lesions[:, 0]
    head = torch.tensor([[0.0, 0.2, 0.0, 0.0]]), torch.zeros(1)
    inside = torch.zeros(80, 4, 4)
    inside[:, 1, 1] = 1
    weight, bias = located(head, features, features, inside, torch.ones(80, 1, dtype=torch.bool))
    before, after = (
        torch.einsum("nchw,kc->nkhw", features, weights)[:, 0].flatten(1) for weights in (head[0], weight)
    )
    assert (before.argmax(1) == 15).all()
    assert (after.argmax(1) == 5).all()
    change = (after.mean(1) + bias) - before.mean(1)
    assert change.std() < 0.1 * before.mean(1).std()
