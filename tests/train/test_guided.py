"""Guided training against arithmetic by hand: where evidence lies, what is hidden, what a lesion changes."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from xray.models.architectures import build
from xray.train.augment import Films
from xray.train.guided import GuidedFilms, class_maps, guidance_loss, with_hidden_places
from xray.train.recipes import RECIPES, recipe

GUIDED = [
    known
    for known in RECIPES.values()
    if known.architecture and known.guidance and known.guidance.weight and "vit" not in known.architecture
]
SIDE = 32


def films_of(boxes=(), marked=False, label=0):
    findings = len(recipe("pneumonia-mobilenet").findings)
    targets = np.eye(findings, dtype=np.float32)[[label]]
    pixels = torch.full((1, 1, SIDE, SIDE), 90, dtype=torch.uint8)
    return Films(pixels, targets, (tuple(boxes),), (targets == 1) & marked, ("all",))


def guided(films, **changes):
    chosen = recipe("pneumonia-mobilenet")
    return GuidedFilms(films, chosen, replace(chosen.guidance, **changes))


def test_the_loss_is_the_logarithm_of_the_share_of_evidence_inside():
    maps = torch.zeros(1, 1, 2, 2)
    maps[0, 0] = torch.tensor([[3.0, 1.0], [-5.0, 0.0]])
    region = torch.zeros(1, 1, 4, 4)
    region[..., :2, :2] = 1  # the first cell
    loss = guidance_loss(maps, region, torch.ones(1, 1), "sigmoid")
    assert loss.item() == pytest.approx(-math.log(0.75 + 1e-3), abs=1e-5)


def test_under_softmax_evidence_for_another_finding_counts_against_a_place():
    maps = torch.tensor([[[[1.0, 1.0]], [[5.0, 1.0]]]])  # (1, 2, 1, 2)
    region = torch.tensor([[[[0.0, 1.0]]]])
    loss = guidance_loss(maps, region, torch.tensor([[0.0, 1.0]]), "softmax")
    assert loss.item() == pytest.approx(-math.log(1e-3), abs=1e-4)


def test_films_without_a_region_give_no_loss_and_gradients_move_evidence_inside():
    maps = torch.ones(2, 1, 2, 2, requires_grad=True)
    regions = torch.zeros(2, 1, 2, 2)
    regions[1, 0, 0, 0] = 1
    loss = guidance_loss(maps, regions, torch.ones(2, 1), "sigmoid")
    assert loss.item() == pytest.approx(-math.log(0.25 + 1e-3), abs=1e-5)
    loss.backward()
    assert (maps.grad[0] == 0).all()
    assert maps.grad[1, 0, 0, 0] < 0 < maps.grad[1, 0, 1, 1]
    assert guidance_loss(maps, regions * 0, torch.ones(2, 1), "sigmoid").item() == 0


@pytest.mark.parametrize("name", [known.name for known in GUIDED])
def test_class_maps_average_to_the_logits(name):
    chosen = recipe(name)
    network = build(chosen.architecture, len(chosen.findings)).eval()
    head = [layer for layer in network.modules() if isinstance(layer, nn.Linear)][-1]
    nn.init.normal_(head.weight)
    layer, maps = network.get_submodule(chosen.target_layer), []
    layer.register_forward_hook(lambda _module, _inputs, output: maps.append(output))
    with torch.inference_mode():
        logits = network(torch.randn(1, 3, 64, 64))
        found = class_maps(network, maps[0])
    torch.testing.assert_close(found.mean((2, 3)) + head.bias, logits, atol=1e-4, rtol=1e-4)


def test_a_box_marks_its_region_and_its_findings():
    item = guided(films_of([(0.25, 0.5, 0.75, 1)], marked=True, label=1), inserted=0, hidden=0)
    found = [item[0].region.mean().item() for _ in range(20)]
    assert np.median(found) == pytest.approx(0.25, abs=0.1)
    assert item[0].guided.tolist() == [0, 1]
    assert guided(films_of([(0.25, 0.5, 0.75, 1)], label=1), inserted=0)[0].guided.tolist() == [0, 0]


def test_a_lesion_turns_a_normal_film_into_a_pneumonia_at_its_place():
    torch.manual_seed(0)
    item = guided(films_of(), inserted=1.0, hidden=0)[0]
    assert item.target.tolist() == [0, 1]
    assert item.guided.tolist() == [0, 1]
    assert 0 < item.region.mean() < 0.4
    untouched = guided(films_of(), inserted=0, hidden=0)[0]
    assert untouched.target.tolist() == [1, 0]
    assert untouched.region.sum() == 0


def test_hidden_places_lose_the_film_but_never_most_of_the_lesion():
    torch.manual_seed(0)
    film, region = torch.rand(1, 64, 64), torch.zeros(1, 64, 64)
    region[:, 20:40, 20:40] = 1
    shares = []
    for _ in range(40):
        hidden, visible = with_hidden_places(film, region)
        assert visible.sum() >= region.sum() / 2
        assert (hidden[:, 20:40, 20:40] == film[:, 20:40, 20:40])[visible[:, 20:40, 20:40] > 0].all()
        shares.append((hidden != film).float().mean().item())
    assert max(shares) > 0.3
