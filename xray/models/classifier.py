"""Classifiers: a trained network with its preprocessing, used by one thread at a time."""

from __future__ import annotations

import threading
from functools import cached_property

import torch
from cachetools import LRUCache, cached
from torch import Tensor, nn
from torch.nn import functional

from xray.errors import ModelUnavailable
from xray.geometry import Affine
from xray.models.architectures import logits_and_features
from xray.models.copies import folded
from xray.models.interval import SAMPLES, dropout_on, retakes, variants
from xray.models.predictor import Predictor
from xray.models.registry import ModelEntry, entry
from xray.models.weights import module_of
from xray.settings import settings
from xray.types import Radiograph

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
STRIDE = 32  # sides of a letterboxed film are multiples of it: the coarsest grid of a detector
BATCH = 4  # films per forward pass, whose activations fit in the caches of a CPU
MIDDLE_GRAY = 114 / 255  # fills the rest of a letterbox, as in Ultralytics


def normalize(films: Tensor, normalization: str, reference: Tensor | None = None) -> Tensor:
    """Convert films to the input of a network.

    Args:
        films: (n, 1, S, S) in [0, 1].
        normalization: `film`, `symmetric`, `xrv`, `unit` or `imagenet`.
        reference: Film (1, 1, S, S) whose mean and deviation are used for all films with `film`; by default
            those of each film.

    Returns:
        (n, 3, S, S), or (n, 1, S, S) with `xrv`.
    """
    if normalization == "film":
        deviation, mean = torch.std_mean(
            films if reference is None else reference, dim=(1, 2, 3), keepdim=True
        )
        return ((films - mean) / deviation.clamp_min(1e-3)).expand(-1, 3, -1, -1)
    if normalization == "symmetric":
        return (films * 2 - 1).expand(-1, 3, -1, -1)
    if normalization == "xrv":
        return films * 2048 - 1024  # torchxrayvision's range, one channel
    if normalization == "unit":
        return films.expand(-1, 3, -1, -1)
    mean, deviation = (films.new_tensor(value)[:, None, None] for value in (IMAGENET_MEAN, IMAGENET_STD))
    return (films - mean) / deviation  # (n, 1, S, S) - (3, 1, 1)


def resize(films: Tensor, size: int) -> Tensor:
    """Stretch films (n, 1, H, W) to (n, 1, size, size), antialiased."""
    return functional.interpolate(films, (size, size), mode="bilinear", align_corners=False, antialias=True)


def letterbox(films: Tensor, size: int, multiple: int = STRIDE) -> Tensor:
    """Scale films (n, 1, H, W) to a long side of `size`, antialiased, and pad them with gray.

    Returns:
        (n, 1, h, w), with sides that are multiples of `multiple`.
    """
    source = int(films.shape[2]), int(films.shape[3])
    affine, (height, width) = Affine.letterbox(source, size, multiple)
    inner = round(affine.yy * source[0]), round(affine.xx * source[1])
    scaled = functional.interpolate(films, inner, mode="bilinear", align_corners=False, antialias=True)
    left, top = int(affine.x0), int(affine.y0)
    return functional.pad(
        scaled, (left, width - inner[1] - left, top, height - inner[0] - top), value=MIDDLE_GRAY
    )


class Classifier(Predictor):
    """A network in evaluation mode with frozen parameters, and the lock that its users share.

    Args:
        entry: Registry entry of the model.
        module: The network: (n, 3, S, S) to logits (n, K).
        device: Device of the network.
    """

    def __init__(self, entry: ModelEntry, module: nn.Module, device: str = "cpu") -> None:
        self.entry = entry
        self.device = device
        self.module = module.eval().requires_grad_(False).to(device).to(memory_format=torch.channels_last)
        self.lock = threading.Lock()

    @property
    def members(self) -> tuple[Classifier, ...]:
        """The classifier itself."""
        return (self,)

    @property
    def target_layer(self) -> nn.Module:
        """The layer whose activations explain the prediction."""
        return self.module.get_submodule(self.entry.target_layer)

    @cached_property
    def _folded(self) -> nn.Module:
        return folded(self.module)

    def film(self, radiograph: Radiograph) -> Tensor:
        """Resize a film to the network's input: (1, 1, S, S), or letterboxed (1, 1, h, w), in [0, 1]."""
        pixels = torch.from_numpy(radiograph.pixels.copy()).to(self.device)
        fit = letterbox if self.entry.fit == "letterbox" else resize
        return fit(pixels[None, None], self.entry.input_size).clamp(0, 1)

    def prepare(self, radiograph: Radiograph) -> tuple[Tensor, Affine]:
        """Return the network's input (1, 3, S, S) and the affine from source pixels to it."""
        batch = normalize(self.film(radiograph), self.entry.normalization)
        return batch, self.to_input(radiograph.pixels.shape)

    def to_input(self, shape: tuple[int, ...]) -> Affine:
        """The affine from source pixels (H, W) to the network's input."""
        size, source = self.entry.input_size, (shape[0], shape[1])
        if self.entry.fit == "letterbox":
            return Affine.letterbox(source, size, STRIDE)[0]
        return Affine.stretch(source, (size, size))

    def film_logits(self, films: Tensor, reference: Tensor) -> Tensor:
        """See Predictor."""
        if self.entry.fit == "stretch" and films.shape[2:] != (self.entry.input_size,) * 2:
            films, reference = (resize(batch, self.entry.input_size) for batch in (films, reference))
        return self.batched_logits(normalize(films, self.entry.normalization, reference))

    def batched_logits(self, batch: Tensor) -> Tensor:
        """Compute logits (n, K) of many films prepared for the network (n, 3, h, w)."""
        with self.lock, torch.inference_mode():
            return torch.cat(
                [
                    self._folded(part.contiguous(memory_format=torch.channels_last))
                    for part in batch.split(BATCH)
                ]
            )

    def logits_and_features(self, radiograph: Radiograph) -> tuple[Tensor, Tensor]:
        """Compute the logits (1, K) of a film and its features (1, C), the input of the last linear layer.

        The batch normalization is folded, so that they take less time and differ by rounding from `logits`.
        """
        batch, _ = self.prepare(radiograph)
        with self.lock, torch.inference_mode():
            return logits_and_features(self._folded, batch.contiguous(memory_format=torch.channels_last))

    def logits(self, radiograph: Radiograph) -> Tensor:
        """See Predictor."""
        batch, _ = self.prepare(radiograph)
        with self.lock, torch.inference_mode():
            return self.module(batch)

    def varied_logits(self, radiograph: Radiograph, spread: str) -> Tensor:
        """See Predictor."""
        film = self.film(radiograph)
        with self.lock, torch.inference_mode():
            if spread != "dropout":
                films = variants(film) if spread == "augmentation" else retakes(film)
                return self.module(normalize(films, self.entry.normalization))
            batch = normalize(film, self.entry.normalization).expand(SAMPLES, -1, -1, -1)
            with dropout_on(self.module, torch.Generator().manual_seed(0)):
                return self.module(batch)


@cached(LRUCache(maxsize=settings().loaded_models), condition=threading.Condition())
def _load(facts: ModelEntry, device: str) -> Classifier:
    """Load a network. Threads that request the same network at the same time share one load."""
    return Classifier(facts, module_of(facts), device)


def load_classifier(model_id: str | None = None) -> Classifier:
    """Load the shared classifier of a registry entry, by default of the first.

    Raises:
        ModelUnavailable: The model does not exist, is an ensemble or cannot be loaded.
    """
    facts = entry(model_id)
    if facts.kind == "ensemble":
        raise ModelUnavailable(
            f"{facts.id} is an ensemble, not a network.", hint=f"Its members: {', '.join(facts.members)}."
        )
    return _load(facts, settings().device)
