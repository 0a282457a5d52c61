"""What a film may look like on another day: pose, exposure, sharpness, noise. Never a flip: hearts stay left.

The published films come at different resolutions and contrasts by class and by year; a network that can
read the class off the sharpness will. Blur, lower resolution, gamma and crops take that away.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional


class RandomResolution(nn.Module):
    """A share of the films shrunk to a random size and enlarged again, as if scanned at lower resolution."""

    def __init__(self, smallest: float, share: float, largest: float = 0.9) -> None:
        super().__init__()
        self.smallest, self.largest, self.share = smallest, largest, share

    def forward(self, film: Tensor) -> Tensor:
        if torch.rand(()) >= self.share:
            return film
        scale = float(torch.empty(()).uniform_(self.smallest, self.largest))
        size = list(film.shape[-2:])
        smaller = functional.resize(film, [round(side * scale) for side in size], antialias=True)
        return functional.resize(smaller, size, antialias=True)


class RandomGamma(nn.Module):
    """Brightness curve x ** gamma with gamma between 0.6 and 1.65, even on a logarithmic scale."""

    def forward(self, film: Tensor) -> Tensor:
        return film.clamp(0, 1) ** math.exp(float(torch.empty(()).uniform_(-0.5, 0.5)))


def film_augmentation(size: int, coarsest: tuple[float, float] = (0.36, 0.5)) -> nn.Module:
    """uint8 (1, size, size) to a changed float32 film of the same size, about [0, 1].

    coarsest: the lowest resolution, as a share of size, and the share of films at a lower one.
    """
    return v2.Compose(
        [
            v2.ToDtype(torch.float32, scale=True),
            v2.RandomApply([v2.RandomAffine(12, translate=(0.06, 0.06), scale=(0.9, 1.1), shear=8)], p=0.7),
            v2.RandomResizedCrop(size, scale=(0.65, 1.0), ratio=(0.75, 1.33), antialias=True),
            RandomGamma(),
            v2.ColorJitter(brightness=0.25, contrast=0.35),
            RandomResolution(*coarsest),
            v2.RandomApply([v2.RandomAdjustSharpness(2.5, p=1.0)], p=0.2),
            v2.RandomApply([v2.GaussianBlur(5, sigma=(0.3, 1.5))], p=0.2),
            v2.RandomApply([v2.GaussianNoise(sigma=0.04)], p=0.3),
            v2.RandomErasing(p=0.3, scale=(0.02, 0.12)),
        ]
    )
