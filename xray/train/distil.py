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
def feature_maps(layer: nn.Module) -> Iterator[list[Tensor]]:
    """Collect the outputs of a layer as feature maps (n, C, h, w) while the context is active.

    Unlike `explain.capture`, the network goes on with the collected tensor itself: an in-place ReLU after
    the layer (DenseNet's) changes it, and the released students match feature maps after this ReLU.
    """
    maps: list[Tensor] = []
    handle = layer.register_forward_hook(lambda _module, _inputs, output: maps.append(as_grid(output)))
    try:
        yield maps
    finally:
        handle.remove()


class Student(nn.Module):
    """A network with its feature maps, and the projection of one of them to the channels of a teacher.

    They form one module, so that several processes average the gradients of both.

    Args:
        network: Network from (n, 3, S, S) to logits (n, K).
        target: Name of the target layer of the heatmaps.
        followed: Name of the layer that is matched with the teacher.
        projector: Convolution of the followed layer's feature map; None without a teacher.
    """

    def __init__(
        self, network: nn.Module, target: str, followed: str, projector: nn.Module | None = None
    ) -> None:
        super().__init__()
        self.network, self.target, self.followed, self.projector = network, target, followed, projector

    def forward(self, batch: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        """Return logits (n, K), the target layer's maps (n, C, h, w), and the projected ones, if any."""
        layers = [self.network.get_submodule(name) for name in (self.target, self.followed)]
        with feature_maps(layers[0]) as maps, feature_maps(layers[1]) as followed:
            logits = self.network(batch)
        return logits, maps[-1], self.projector(followed[-1]) if self.projector else None


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
        with torch.inference_mode(), feature_maps(classifier.target_layer) as maps:
            classifier.module(torch.zeros(1, 3, 64, 64, device=classifier.device))
        self.projector = nn.Conv2d(channels, maps[0].shape[1], 1).to(classifier.device)

    def loss(self, films: Tensor, logits: Tensor, projected: Tensor) -> Tensor:
        """Compute the distillation loss of a batch.

        Args:
            films: Films (n, 1, S, S) of the batch.
            logits: Logits (n, K) of the student.
            projected: Feature map of the student, projected to the teacher's channels (n, C, h, w).
        """
        entry = self.classifier.entry
        batch = normalize(resize(films, entry.input_size), entry.normalization)
        with torch.no_grad(), feature_maps(self.classifier.target_layer) as maps:
            teacher = self.classifier.module(batch.contiguous(memory_format=torch.channels_last)).float()
        target = functional.adaptive_avg_pool2d(maps[0].float(), min(maps[0].shape[-1], projected.shape[-1]))
        student = functional.adaptive_avg_pool2d(projected, target.shape[-1]).float()
        distance = 1 - functional.cosine_similarity(student, target, dim=1).mean()
        if self.activation == "softmax":
            soft = functional.cross_entropy(logits / TEMPERATURE, (teacher / TEMPERATURE).softmax(-1))
        else:
            soft = functional.binary_cross_entropy_with_logits(
                logits / TEMPERATURE, (teacher / TEMPERATURE).sigmoid()
            )
        return TEMPERATURE**2 * soft + 2 * distance
