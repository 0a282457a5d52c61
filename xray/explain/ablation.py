"""Ablation-CAM: channels weighted by the fall of the logit without them (Desai and Ramaswamy 2020)."""

from __future__ import annotations

import torch
from torch import Tensor

from xray.explain.capture import capture
from xray.explain.registry import ExplainRequest, register
from xray.models.architectures import as_grid
from xray.models.detector import is_detector

BATCH = 64


@register(
    "ablationcam",
    title="Ablation-CAM",
    paper="doi:10.1109/WACV45572.2020.9093360",
    cost="tens of passes",
    values="activations weighted by the decrease of the finding's logit without their channel",
)
def ablationcam(request: ExplainRequest) -> Tensor:
    """Raw maps (n, h, w). Each channel is set to zero in turn; the fall of the logit is its weight.

    The network runs once for every BATCH channels: the film becomes BATCH copies at the target layer. In a
    detector, later layers join others, so there the film is copied at the input.
    """
    classifier, findings = request.classifier, list(request.findings)
    with classifier.lock, torch.inference_mode(), capture(classifier.target_layer) as outputs:
        plain = classifier.module(request.batch)[:, findings]  # (1, n)
    activations = outputs[0]  # (1, C, h, w), or of a Transformer (1, T, C)
    axis = 1 if activations.ndim == 4 else 2
    count = activations.shape[axis]
    weights = []
    for start in range(0, count, BATCH):
        channels = torch.arange(start, min(start + BATCH, count))
        without = activations.repeat(len(channels), *[1] * (activations.ndim - 1))
        without.movedim(axis, 1)[torch.arange(len(channels)), channels] = 0
        copies = len(channels) if is_detector(classifier.entry) else 1
        replaced = capture(classifier.target_layer, replacement=without)
        with classifier.lock, torch.inference_mode(), replaced:
            weights.append(plain - classifier.module(request.batch.expand(copies, -1, -1, -1))[:, findings])
        request.progress(min(start + BATCH, count) / count)
    return torch.einsum("cn,chw->nhw", torch.cat(weights), as_grid(activations)[0])
