"""Ablation-CAM: what every channel of the target layer is worth to a finding (Desai and Ramaswamy 2020)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from xray.explain.registry import Asked, register
from xray.models.architectures import as_grid
from xray.models.detector import is_detector

BATCH = 64


@register(
    "ablationcam",
    title="Ablation-CAM",
    paper="doi:10.1109/WACV45572.2020.9093360",
    cost="tens of passes",
    values="activations weighted by how much the finding's logit falls without their channel",
)
def ablationcam(asked: Asked) -> Tensor:
    """Raw maps (n, h, w): channels are set to zero in turn, and their fall in the logit is their weight.

    The network runs once for every BATCH channels: its one film becomes BATCH copies at the target layer.
    A detector's layers meet others later, so there the copies begin at its input.
    """
    classifier, findings = asked.classifier, list(asked.findings)
    held: list[Tensor] = []

    def keep(_module: nn.Module, _inputs: Any, output: Tensor) -> None:
        held.append(output.clone())

    with classifier.lock, torch.inference_mode():
        handle = classifier.target_layer.register_forward_hook(keep)
        try:
            plain = classifier.module(asked.batch)[:, findings]  # (1, n)
        finally:
            handle.remove()
    activations = held[0]  # (1, C, h, w), or of a Transformer (1, T, C)
    axis = 1 if activations.ndim == 4 else 2
    count = activations.shape[axis]
    weights = []
    for start in range(0, count, BATCH):
        channels = torch.arange(start, min(start + BATCH, count))
        without = activations.repeat(len(channels), *[1] * (activations.ndim - 1))
        without.movedim(axis, 1)[torch.arange(len(channels)), channels] = 0

        def replaced(_module: nn.Module, _inputs: Any, _output: Tensor, films: Tensor = without) -> Tensor:
            return films

        copies = len(channels) if is_detector(classifier.entry) else 1
        with classifier.lock, torch.inference_mode():
            handle = classifier.target_layer.register_forward_hook(replaced)
            try:
                weights.append(plain - classifier.module(asked.batch.expand(copies, -1, -1, -1))[:, findings])
            finally:
                handle.remove()
        asked.tell(min(start + BATCH, count) / count)
    return torch.einsum("cn,chw->nhw", torch.cat(weights), as_grid(activations)[0])
