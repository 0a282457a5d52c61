"""A trained network behind one door: a film in, calibrated probabilities out, one call at a time."""

from __future__ import annotations

import threading
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from xray.geometry import Affine
from xray.models.architectures import build
from xray.models.calibration import calibrated
from xray.models.registry import ModelEntry, entry
from xray.models.weights import load_weights
from xray.settings import settings
from xray.types import Prediction, Radiograph

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def normalize(films: Tensor, normalization: str) -> Tensor:
    """Gray films (n, 1, S, S) in [0, 1] as a network's input (n, 3, S, S)."""
    if normalization == "film":
        deviation, mean = torch.std_mean(films, dim=(1, 2, 3), keepdim=True)
        return ((films - mean) / deviation.clamp_min(1e-3)).expand(-1, 3, -1, -1)
    mean, deviation = (films.new_tensor(value)[:, None, None] for value in (IMAGENET_MEAN, IMAGENET_STD))
    return (films - mean) / deviation  # (n, 1, S, S) - (3, 1, 1)


def resize(pixels: Tensor, size: int) -> Tensor:
    """A film (H, W) stretched to (1, 1, size, size), antialiased."""
    return functional.interpolate(
        pixels[None, None], (size, size), mode="bilinear", align_corners=False, antialias=True
    )


class Classifier:
    """A module in evaluation mode with frozen parameters, its registry entry, and its users' shared lock."""

    def __init__(self, entry: ModelEntry, module: nn.Module, device: str = "cpu") -> None:
        self.entry = entry
        self.device = device
        self.module = module.eval().requires_grad_(False).to(device).to(memory_format=torch.channels_last)
        self.lock = threading.Lock()

    @property
    def target_layer(self) -> nn.Module:
        return self.module.get_submodule(self.entry.target_layer)

    def prepare(self, radiograph: Radiograph) -> tuple[Tensor, Affine]:
        """The network's input (1, 3, S, S) and the affine from source pixels to it."""
        size = self.entry.input_size
        pixels = torch.from_numpy(radiograph.pixels.copy()).to(self.device)
        batch = normalize(resize(pixels, size).clamp(0, 1), self.entry.normalization)
        return batch, Affine.stretch(radiograph.pixels.shape, (size, size))

    def logits(self, radiograph: Radiograph) -> Tensor:
        """Logits (1, K) of a plain forward pass."""
        batch, _ = self.prepare(radiograph)
        with self.lock, torch.inference_mode():
            return self.module(batch)

    def predict(self, radiograph: Radiograph) -> Prediction:
        return self.interpret(self.logits(radiograph))

    def interpret(self, logits: Tensor) -> Prediction:
        """Logits (1, K) as a calibrated prediction."""
        raw = logits.detach().float().cpu()[0]
        probabilities = calibrated(raw, self.entry.temperature, self.entry.activation)
        return Prediction(
            model_id=self.entry.id,
            weights_sha256=self.entry.sha256,
            findings=self.entry.findings,
            logits=raw.numpy(),
            probabilities=probabilities.numpy(),
            thresholds=np.array(self.entry.thresholds, dtype=np.float32),
        )


@cache
def _load(facts: ModelEntry, device: str) -> Classifier:
    module = build(facts.architecture, len(facts.findings))
    load_weights(module, facts)
    return Classifier(facts, module, device)


def load_classifier(model_id: str | None = None) -> Classifier:
    """The shared classifier of a registry entry (by default the first). Raises ModelUnavailable."""
    return _load(entry(model_id), settings().device)
