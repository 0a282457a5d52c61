"""The embedding of a film: what a network's last linear layer receives."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from xray.models.architectures import last_linear
from xray.models.classifier import Classifier
from xray.models.detector import is_detector
from xray.models.ensemble import Ensemble
from xray.types import Pixels, Radiograph


def has_embedding(model: Classifier | Ensemble) -> bool:
    """Whether the networks of a model end with a linear layer; a detector's does not."""
    return not is_detector(model.entry)


def embedding(model: Classifier | Ensemble, radiograph: Radiograph) -> Pixels:
    """Compute the embedding of a film with one forward pass of each network.

    Returns:
        float32 (C); those of an ensemble's members joined.
    """
    return np.concatenate([_of_network(member, radiograph) for member in model.members])


def _of_network(network: Classifier, radiograph: Radiograph) -> Pixels:
    batch, _ = network.prepare(radiograph)
    inputs: list[Tensor] = []
    with network.lock, torch.inference_mode():
        head = last_linear(network.module)
        handle = head.register_forward_pre_hook(lambda _module, given: inputs.append(given[0]))
        try:
            network.module(batch)
        finally:
            handle.remove()
    return np.asarray(inputs[0][0].cpu().numpy(), np.float32)
