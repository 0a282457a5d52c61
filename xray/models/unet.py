"""A small U-Net (Ronneberger et al. 2015, arXiv:1505.04597) that works at a quarter of the resolution."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional

PATCH = 4  # side of the patches that become channels at the input, and come from channels at the output
WIDTHS = (32, 64, 80, 96)  # channels at 1/4, 1/8, 1/16 and 1/32 of the input's side


class SmallUNet(nn.Module):
    """U-Net with 0.4 million parameters, whose decoder adds the features of the encoder.

    Args:
        masks: Number K of masks.
    """

    def __init__(self, masks: int) -> None:
        super().__init__()
        self.stem = convolution(PATCH**2, WIDTHS[0])
        self.down = nn.ModuleList(
            nn.Sequential(convolution(given, width, stride=2), convolution(width, width))
            for given, width in pairwise(WIDTHS)
        )
        self.narrow = nn.ModuleList(nn.Conv2d(below, width, 1) for below, width in pairwise(WIDTHS[::-1]))
        self.up = nn.ModuleList(convolution(width, width) for width in WIDTHS[-2::-1])
        self.head = nn.Conv2d(WIDTHS[0], masks * PATCH**2, 1)

    def forward(self, films: Tensor) -> Tensor:
        """Compute logits (n, K, S, S) of films (n, 1, S, S); S is a multiple of 32."""
        skips = [self.stem(functional.pixel_unshuffle(films, PATCH))]
        for stage in self.down:
            skips.append(stage(skips[-1]))
        features = skips.pop()
        for narrow, stage in zip(self.narrow, self.up, strict=True):
            skip = skips.pop()
            larger = functional.interpolate(
                narrow(features), skip.shape[2:], mode="bilinear", align_corners=False
            )
            features = stage(larger + skip)
        return functional.pixel_shuffle(self.head(features), PATCH)


def convolution(given: int, width: int, stride: int = 1) -> nn.Sequential:
    """Build a 3 x 3 convolution with batch normalization and ReLU."""
    return nn.Sequential(
        nn.Conv2d(given, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True)
    )
