"""The last layer, fitted again after training: the same logits, and class maps that lie inside the boxes.

A logit is the mean of a class map plus a bias. Many last layers therefore have nearly the same logits, and
the labels of a rare finding do not determine its map: it can be negative at every position, or highest at the
border of the film.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from xray.models.architectures import last_linear
from xray.models.classifier import normalize, resize
from xray.train.augment import Films
from xray.train.distil import feature_maps
from xray.train.film import Box
from xray.train.recipes.recipe import Recipe

FILMS = 1800
SHARE = 0.9  # of the positions of films without a finding, at which its map is zero or negative
RIDGE = 1e-2  # of the mean square of a feature
LOCATION = 0.03  # weight of the loss on the location of class maps
STEPS, LEARNING_RATE = 400, 2e-3
SHARPNESS = 4.0  # of the softplus that replaces the ReLU, whose gradient vanishes where a map is negative
SIDE = 224  # px in which boxes are rasterized

Head = tuple[Tensor, Tensor]  # weights (K, C) and biases (K)


def refit(network: nn.Module, recipe: Recipe, films: Films) -> None:
    """Fit the last layer again, with the squared change of the logits and the location of maps as losses.

    On films with boxes, the maps of all findings that boxes can mark and that are not labeled absent should
    lie inside the boxes. Before and after the fit, a constant is moved from every map into its bias, so that
    the map is positive where its evidence is larger than at 90% of the positions of films without the
    finding.

    Args:
        network: A network whose last linear layer classifies the mean of a feature map; it is changed.
        recipe: Its recipe.
        films: Training films; those with boxes and 1,800 in a random order are used.
    """
    chosen = np.random.default_rng(recipe.seed).permutation(len(films.targets))[:FILMS]
    boxed = np.flatnonzero([bool(boxes) for boxes in films.boxes])
    features, marked = (_features(network, recipe, films.pixels[rows]) for rows in (chosen, boxed))
    layer = last_linear(network)
    head = layer.weight.detach().float().cpu(), layer.bias.detach().float().cpu()
    targets = films.targets[chosen]
    head = centered(head, features, targets)
    if len(boxed):
        inside = torch.stack([_inside(films.boxes[row], (marked.shape[2], marked.shape[3])) for row in boxed])
        guided = films.marked.any(0) & (films.targets[boxed] != 0)
        head = located(head, features, marked, inside, torch.from_numpy(guided))
        head = centered(head, features, targets)
    with torch.no_grad():
        layer.weight.copy_(head[0])
        layer.bias.copy_(head[1])


def centered(head: Head, features: Tensor, targets: np.ndarray) -> Head:
    """Move a constant from the map of each finding into its bias; the logits hardly change.

    The constant is added through the combination of features that is closest to 1 at all positions.

    Args:
        head: The last layer.
        features: (n, C, h, w).
        targets: (n, K).
    """
    positions = features.flatten(2).transpose(1, 2)  # (n, P, C)
    maps = functional.linear(positions, head[0])
    absent = torch.from_numpy(targets == 0)
    levels = [np.quantile(maps[rows][..., finding], SHARE) for finding, rows in enumerate(absent.T)]
    level = torch.tensor(levels, dtype=torch.float32)  # (K)
    constant = constant_combination(positions.flatten(0, 1))
    return head[0] - level[:, None] * constant, head[1] + level


def constant_combination(features: Tensor) -> Tensor:
    """Return the weights (C) whose weighted sum of features (n, C) is closest to 1, with the mean 1."""
    features = features.double()
    squares = features.T @ features / len(features)
    ridge = RIDGE * squares.diagonal().mean() * torch.eye(len(squares), dtype=torch.float64)
    weights = torch.linalg.solve(squares + ridge, features.mean(0))
    return (weights / (features @ weights).mean()).float()


def located(head: Head, features: Tensor, marked: Tensor, inside: Tensor, guided: Tensor) -> Head:
    """Fit a last layer whose maps lie inside the boxes, with the logits of another one.

    Args:
        head: The last layer with these logits.
        features: Features of films (n, C, h, w).
        marked: Features of films with boxes (m, C, h, w).
        inside: Share of each cell inside the boxes (m, h, w), in [0, 1].
        guided: Findings (m, K) whose map should lie inside.
    """
    means = torch.cat([part.mean((2, 3)) for part in (features, marked)])
    logits = functional.linear(means, *head)
    scale = logits.std(0)
    cells, positions = inside.flatten(1)[..., None], marked.flatten(2).transpose(1, 2)
    weight, bias = (part.clone().requires_grad_() for part in head)
    optimizer = torch.optim.Adam([weight, bias], lr=LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 1 / STEPS, STEPS)
    for _ in range(STEPS):
        change = ((functional.linear(means, weight, bias) - logits) / scale).square().mean()
        evidence = functional.softplus(functional.linear(positions, weight), SHARPNESS)  # (m, P, K)
        share = (evidence * cells).sum(1) / evidence.sum(1)
        outside = -(share.clamp_min(1e-4).log() * guided).sum() / guided.sum().clamp_min(1)
        optimizer.zero_grad()
        (change + LOCATION * outside).backward()
        optimizer.step()
        schedule.step()
    return weight.detach(), bias.detach()


def _inside(boxes: Sequence[Box], grid: tuple[int, int]) -> Tensor:
    """Share of each cell of a grid that lies inside any of the boxes, (h, w)."""
    mask = torch.zeros(1, SIDE, SIDE)
    for box in boxes:
        left, top, right, bottom = (round(value * SIDE) for value in box)
        mask[:, top:bottom, left:right] = 1
    return functional.adaptive_avg_pool2d(mask, grid)[0]


@torch.inference_mode()
def _features(network: nn.Module, recipe: Recipe, pixels: Tensor) -> Tensor:
    """Compute the features (n, C, h, w) that the last layer averages, of films (n, 1, S, S)."""
    network.eval()
    device = next(network.parameters()).device
    with feature_maps(network.get_submodule(recipe.target_layer)) as maps:
        for part in pixels.split(64):
            network(normalize(resize(part.to(device).float() / 255, recipe.input_size), recipe.normalization))
    return torch.cat([each.float().cpu() for each in maps]).relu().contiguous()
