"""The lung segmentation network, loaded once, and the lungs that it finds on a film."""

from __future__ import annotations

import threading

import numpy as np
import torch
from cachetools import cached
from torch import nn

from xray.errors import ModelUnavailable
from xray.imaging.lungs import lungs_from
from xray.models.classifier import normalize, resize
from xray.models.registry import ModelEntry, SegmentationEntry, segmentation_entry
from xray.models.unet import SmallUNet
from xray.models.weights import load_weights
from xray.types import Lungs, Pixels, Radiograph

LUNGS = "lungs-unet"
CHEST = "chest"
SIZE = 128  # side of the network's input in px


def find_lungs(radiograph: Radiograph) -> Lungs:
    """Find the lungs on a chest film; without the network's weights they are undetermined."""
    height, width = radiograph.pixels.shape
    try:
        module = load_lungs()
    except ModelUnavailable as error:
        return Lungs.undetermined((height, width), error.message)
    return lungs_from(probabilities_of(module, radiograph.pixels), (height, width))


def shows_lungs(entry: ModelEntry) -> bool:
    """Whether the films of a model are chest films."""
    return entry.regions == (CHEST,)


@torch.inference_mode()
def probabilities_of(module: nn.Module, pixels: Pixels) -> Pixels:
    """Compute the probabilities of both lungs.

    Args:
        module: The network, in evaluation mode.
        pixels: Film (H, W) in [0, 1].

    Returns:
        float32 (2, SIZE, SIZE), on a grid that covers the film: of the lung on the left of the image, then of
        the other.
    """
    film = resize(torch.from_numpy(pixels.copy())[None, None], SIZE).clamp(0, 1)
    logits = module(normalize(film, "film")[:, :1])
    return np.asarray(logits[0].sigmoid().numpy(), np.float32)


def load_lungs() -> nn.Module:
    """Load the shared network. Raises ModelUnavailable."""
    return _load(segmentation_entry(LUNGS))


@cached({}, condition=threading.Condition())
def _load(entry: SegmentationEntry) -> nn.Module:
    module = SmallUNet(2)
    load_weights(module, entry)
    return module.requires_grad_(False).eval()
