"""Knowledge distillation from the outputs and feature maps of a trained teacher."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional

from xray.models.architectures import as_grid
from xray.models.classifier import Classifier, normalize, resize

TEMPERATURE = 2.0


@contextmanager
def seen_at(layer: nn.Module) -> Iterator[list[Tensor]]:
    """Collect the outputs of a layer as feature maps (n, C, h, w) while the context is active."""
    seen: list[Tensor] = []
    handle = layer.register_forward_hook(lambda _module, _inputs, output: seen.append(as_grid(output)))
    try:
        yield seen
    finally:
        handle.remove()


class Teacher:
    """A trained classifier that a student is distilled from.

    The loss is the cross-entropy of softened outputs (Hinton et al. 2015, arXiv:1503.02531) plus one minus
    the cosine similarity between the feature maps of teacher and projected student at every position
    (similar to Romero et al. 2015, arXiv:1412.6550).

    Args:
        classifier: The teacher.
        channels: Number of channels of the student's feature map.
        activation: `softmax` or `sigmoid`.
    """

    def __init__(self, classifier: Classifier, channels: int, activation: str) -> None:
        self.classifier, self.activation = classifier, activation
        with torch.inference_mode(), seen_at(classifier.target_layer) as seen:
            classifier.module(torch.zeros(1, 3, 64, 64, device=classifier.device))
        self.projector = nn.Conv2d(channels, seen[0].shape[1], 1).to(classifier.device)

    def loss(self, films: Tensor, logits: Tensor, grid: Tensor) -> Tensor:
        """Compute the distillation loss of a batch.

        Args:
            films: Films (n, 1, S, S) of the batch, before resizing for the student.
            logits: Logits (n, K) of the student.
            grid: Feature map of the student (n, C, h, w).
        """
        entry = self.classifier.entry
        batch = normalize(resize(films, entry.input_size), entry.normalization)
        with torch.no_grad(), seen_at(self.classifier.target_layer) as seen:
            taught = self.classifier.module(batch.contiguous(memory_format=torch.channels_last)).float()
        target = functional.adaptive_avg_pool2d(seen[0].float(), min(seen[0].shape[-1], grid.shape[-1]))
        own = functional.adaptive_avg_pool2d(self.projector(grid), target.shape[-1]).float()
        apart = 1 - functional.cosine_similarity(own, target, dim=1).mean()
        if self.activation == "softmax":
            soft = functional.cross_entropy(logits / TEMPERATURE, (taught / TEMPERATURE).softmax(-1))
        else:
            soft = functional.binary_cross_entropy_with_logits(
                logits / TEMPERATURE, (taught / TEMPERATURE).sigmoid()
            )
        return TEMPERATURE**2 * soft + 2 * apart
