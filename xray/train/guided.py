"""Training that shows a network where lesions are: inserted lesions, hidden places, a loss on its class map.

Hiding places of training films makes such films familiar to the network, so that checks which hide regions
measure its evidence and not its reaction to patches (Zheng et al. 2024, arXiv:2410.02970).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import Dataset
from torchvision import tv_tensors
from torchvision.transforms.v2 import functional as transforms

from xray.imaging.lesions import random_lesion
from xray.models.architectures import last_linear
from xray.train.augment import Films, augmentation
from xray.train.recipes.recipe import Guidance, Recipe

SMALLEST = 1e-3  # share of the evidence that is added before the logarithm
CELLS = (4, 14)  # range of the number of places along a side that are hidden or not


class GuidedItem(NamedTuple):
    """A training film.

    Attributes:
        film: (1, S, S), float32.
        target: (K).
        region: Places of its lesions (1, S, S), 0 or 1; zero if they are unknown.
        guided: Findings (K) whose evidence lies in the region, 0 or 1.
    """

    film: Tensor
    target: Tensor
    region: Tensor
    guided: Tensor


class GuidedFilms(Dataset[GuidedItem]):
    """Training films with random augmentation, inserted lesions and hidden places.

    Args:
        films: The films.
        recipe: The recipe, with guidance.
        guidance: Its guidance.
    """

    def __init__(self, films: Films, recipe: Recipe, guidance: Guidance) -> None:
        self.films, self.guidance, self.findings = films, guidance, recipe.findings
        self.targets = torch.from_numpy(films.targets)
        self.augment = augmentation(recipe, films.pixels.shape[-1])
        self.into = recipe.findings.index(guidance.into)

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: int) -> GuidedItem:
        film, target = self.films.pixels[index], self.targets[index].clone()
        region, guided = torch.zeros_like(film), torch.zeros_like(target)
        height, width = film.shape[1:]
        for left, top, right, bottom in self.films.boxes[index]:
            rows = slice(round(top * height), max(round(bottom * height), 1))
            region[:, rows, round(left * width) : max(round(right * width), 1)] = 1
        if self.films.boxes[index]:
            guided = torch.from_numpy(self.films.marked[index]).to(target)
        if target[self.into] == 1 and torch.rand(()) < self.guidance.inserted:
            film, region = self._with_lesion(film, target, guided)
        if region.any():
            film, region = self.augment(tv_tensors.Image(film), tv_tensors.Mask(region))
        else:
            film = self.augment(tv_tensors.Image(film))
        region = region.float()
        if torch.rand(()) < self.guidance.hidden:
            film, region = with_hidden_places(film, region)
        return GuidedItem(film.as_subclass(Tensor), target, region.as_subclass(Tensor), guided)

    def _with_lesion(self, film: Tensor, target: Tensor, guided: Tensor) -> tuple[Tensor, Tensor]:
        """Insert a lesion into a uint8 film (1, S, S) and set its finding in target and guided (K)."""
        generator = np.random.default_rng(int(torch.randint(2**31, ())))
        kinds = dict(self.guidance.lesions)
        added = random_lesion((film.shape[1], film.shape[2]), tuple(kinds), generator)
        pixels = added.on(film[0].float().div(255).numpy())
        target[self.into] = 0
        for finding in kinds[added.kind]:
            target[self.findings.index(finding)] = guided[self.findings.index(finding)] = 1
        return (
            torch.from_numpy(pixels)[None].mul(255).round().byte(),
            torch.from_numpy(added.region)[None].to(torch.uint8),
        )


def with_hidden_places(film: Tensor, region: Tensor) -> tuple[Tensor, Tensor]:
    """Hide random places of a film under its mean, a blurred copy or noise.

    Args:
        film: (1, S, S).
        region: Places of the lesions (1, S, S).

    Returns:
        The film, and what is visible of the region; both unchanged if less than half of it would be visible.
    """
    cells = int(torch.randint(*CELLS, ()))
    share = float(torch.empty(()).uniform_(0.1, 0.7))
    coarse = (torch.rand(1, 1, cells, cells) < share).float()
    hidden = functional.interpolate(coarse, film.shape[-2:], mode="nearest")[0] > 0
    visible = region * ~hidden
    if visible.sum() < region.sum() / 2:
        return film, region
    choice = int(torch.randint(3, ()))
    if choice == 0:
        filling = film.mean().expand_as(film)
    elif choice == 1:
        side = film.shape[-1]
        small = transforms.resize(film, [max(side // 16, 2)] * 2, antialias=True)
        filling = transforms.resize(small, [side, side], antialias=True)
    else:
        filling = film.mean() + film.std() * torch.randn_like(film)
    return torch.where(hidden, filling, film), visible


def class_maps(network: nn.Module, features: Tensor) -> Tensor:
    """Compute class activation maps (Zhou et al. 2016, arXiv:1512.04150): the last layer at every position.

    Args:
        network: A network whose last linear layer classifies the mean of a feature map.
        features: Its feature map (n, C, h, w), or tokens as a grid before the last normalization.

    Returns:
        The logits of every position without the bias, (n, K, h, w).
    """
    head = last_linear(network)
    normalization = getattr(network, "fc_norm", None)  # of a Transformer
    positions = features.movedim(1, -1)  # (n, h, w, C)
    positions = functional.relu(positions) if normalization is None else normalization(positions)
    return functional.linear(positions, head.weight).movedim(-1, 1)


def guidance_loss(maps: Tensor, regions: Tensor, guided: Tensor, activation: str) -> Tensor:
    """Mean negative logarithm of the share of the positive evidence that lies in the region.

    Args:
        maps: Class maps (n, K, h, w).
        regions: (n, 1, S, S), 0 or 1.
        guided: Findings (n, K) whose evidence lies in the region, 0 or 1.
        activation: With `softmax`, evidence is relative to the mean of all findings.

    Returns:
        A scalar; zero if no film of the batch has a region.
    """
    if activation == "softmax":
        maps = maps - maps.mean(1, keepdim=True)
    evidence = maps.relu()
    area = functional.adaptive_avg_pool2d(regions, (maps.shape[2], maps.shape[3]))  # (n, 1, h, w)
    largest = area.amax((2, 3), keepdim=True)
    area = area / largest.clamp_min(1e-6)  # a lesion that is smaller than a cell
    share = (evidence * area).sum((2, 3)) / evidence.sum((2, 3)).clamp_min(1e-6)  # (n, K)
    counted = guided * (largest[:, :, 0, 0] > 0)
    return -((share + SMALLEST).log() * counted).sum() / counted.sum().clamp_min(1)
