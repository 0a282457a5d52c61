"""Training augmentation: pose, exposure, sharpness, noise. Films are never mirrored: the heart stays left.

Published data sets differ in resolution and contrast between classes and years, and a network can use these
differences instead of the anatomy. Blur, lower resolution, gamma and crops remove them.

Geometry, blur and noise are torchvision's random transforms: they run on tensors in the workers of a
DataLoader, with the random numbers that torch seeds there.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import Dataset
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional
from torchvision.tv_tensors import Mask

from xray.imaging.transforms import gamma
from xray.models.classifier import resize
from xray.train.film import Box
from xray.train.pose import posed
from xray.train.recipes.recipe import Recipe


class Films(NamedTuple):
    """Decoded films.

    Attributes:
        pixels: uint8 (n, 1, S, S).
        targets: (n, K), NaN where unknown.
        boxes: Boxes of the lesions of each film.
        marked: Whether the boxes of a film show a finding (n, K).
        groups: Group of each film that a balanced training draws equally often (n).
    """

    pixels: Tensor
    targets: NDArray[np.float32]
    boxes: tuple[tuple[Box, ...], ...]
    marked: NDArray[np.bool_]
    groups: tuple[str, ...]

    def at_size(self, size: int) -> Films:
        """Return the films resized to squares of a side in px."""
        if size == self.pixels.shape[-1]:
            return self
        parts = [resize(part.float(), size).round().byte() for part in self.pixels.split(256)]
        return self._replace(pixels=torch.cat(parts))


class RandomResolution(v2.Transform):
    """Downsample some films to a random share of their pixels per side, and enlarge them again.

    The counterpart of xray.imaging.transforms.resolution for tensors, with torchvision's antialiased bilinear
    interpolation in place of OpenCV. Masks do not change.

    Args:
        smallest: Lowest share of the pixels per side.
        share: Share of films that are changed.
        largest: Highest share of the pixels per side.
    """

    def __init__(self, smallest: float, share: float, largest: float) -> None:
        super().__init__()
        self.smallest, self.largest, self.share = smallest, largest, share

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        """Draw the share of the pixels; None for no change."""
        if torch.rand(()) >= self.share:
            return {"scale": None}
        return {"scale": float(torch.empty(()).uniform_(self.smallest, self.largest))}

    def transform(self, inpt: Tensor, params: dict[str, Any]) -> Tensor:
        """A film (1, S, S) of the same size."""
        if params["scale"] is None or isinstance(inpt, Mask):
            return inpt
        size = list(inpt.shape[-2:])
        smaller = functional.resize(inpt, [round(side * params["scale"]) for side in size], antialias=True)
        return functional.resize(smaller, size, antialias=True)


class RandomGamma(v2.Transform):
    """Gamma with an exponent between 0.6 and 1.65, uniform on a logarithmic scale. Masks do not change."""

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        """Draw the exponent."""
        return {"exponent": math.exp(float(torch.empty(()).uniform_(-0.5, 0.5)))}

    def transform(self, inpt: Tensor, params: dict[str, Any]) -> Tensor:
        """A film (1, S, S), clipped to [0, 1]."""
        if isinstance(inpt, Mask):
            return inpt
        return torch.from_numpy(gamma(inpt.clamp(0, 1).numpy(), params["exponent"]).pixels)


def film_augmentation(
    size: int, coarsest: tuple[float, float, float] = (0.36, 0.5, 0.9), *, whole: bool = False
) -> nn.Module:
    """Build the augmentation of training films.

    Args:
        size: Side of the films in px.
        coarsest: Arguments of RandomResolution.
        whole: Whether to keep lesions: no part of the film is erased and little is cut off.

    Returns:
        A module from uint8 (1, size, size) to float32 of the same size, approximately in [0, 1].
    """
    smallest = 0.8 if whole else 0.65
    erasing = [] if whole else [v2.RandomErasing(p=0.3, scale=(0.02, 0.12))]
    return v2.Compose(
        [
            v2.ToDtype(torch.float32, scale=True),
            v2.RandomApply([v2.RandomAffine(12, translate=(0.06, 0.06), scale=(0.9, 1.1), shear=8)], p=0.7),
            v2.RandomResizedCrop(size, scale=(smallest, 1.0), ratio=(0.75, 1.33), antialias=True),
            RandomGamma(),
            v2.ColorJitter(brightness=0.25, contrast=0.35),
            RandomResolution(*coarsest),
            v2.RandomApply([v2.RandomAdjustSharpness(2.5, p=1.0)], p=0.2),
            v2.RandomApply([v2.GaussianBlur(5, sigma=(0.3, 1.5))], p=0.2),
            v2.RandomApply([v2.GaussianNoise(sigma=0.04)], p=0.3),
            *erasing,
        ]
    )


def moderate_augmentation(size: int, coarsest: tuple[float, float, float]) -> nn.Module:
    """Build the augmentation of films that a trained network is trained further with.

    Args:
        size: Side of the films in px.
        coarsest: Arguments of RandomResolution.

    Returns:
        A module from uint8 (1, size, size) to float32 of the same size, approximately in [0, 1].
    """
    return v2.Compose(
        [
            v2.ToDtype(torch.float32, scale=True),
            RandomResolution(*coarsest),
            v2.RandomAffine(9, (0.06, 0.06), (0.92, 1.1), interpolation=v2.InterpolationMode.BILINEAR),
            v2.RandomResizedCrop(size, scale=(0.85, 1.0), ratio=(0.93, 1.07), antialias=True),
            RandomGamma(),
            v2.ColorJitter(brightness=0.15, contrast=0.2),
        ]
    )


def slight_augmentation() -> nn.Module:
    """Build an augmentation that keeps what lies near the border of films, such as lead letters.

    Returns:
        A module from uint8 (1, S, S) to float32 of the same size, approximately in [0, 1].
    """
    return v2.Compose(
        [
            v2.ToDtype(torch.float32, scale=True),
            v2.RandomApply([v2.RandomAffine(2, translate=(0.015, 0.015), scale=(0.98, 1.02))], p=0.7),
            RandomGamma(),
            v2.RandomApply([v2.GaussianNoise(sigma=0.02)], p=0.3),
        ]
    )


def augmentation(recipe: Recipe, size: int) -> nn.Module:
    """Build the augmentation of a recipe for films of a side in px."""
    if recipe.augmentation == "slight":
        return slight_augmentation()
    if recipe.augmentation == "moderate":
        return moderate_augmentation(size, recipe.resolutions(size))
    return film_augmentation(size, recipe.resolutions(size), whole=recipe.guidance is not None)


class Augmented(Dataset[tuple[Tensor, Tensor]]):
    """Films, uint8 (n, 1, S, S), and targets (n, K), with random augmentation of every film."""

    def __init__(self, films: Films, recipe: Recipe) -> None:
        self.pixels, self.targets = films[0], torch.from_numpy(films[1])
        self.recipe = recipe
        self.augment = augmentation(recipe, self.pixels.shape[-1])

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        film, target = self.augment(self.pixels[index]), self.targets[index]
        return posed(film, target, self.recipe.findings) if self.recipe.posed else (film, target)


def joined(films: Films, helpers: Films) -> Films:
    """Concatenate two sets of films."""
    return Films(
        torch.cat([films.pixels, helpers.pixels]),
        np.concatenate([films.targets, helpers.targets]),
        films.boxes + helpers.boxes,
        np.concatenate([films.marked, helpers.marked]),
        films.groups + helpers.groups,
    )
