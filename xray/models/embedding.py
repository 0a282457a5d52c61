"""The embedding of a film: what a network's last linear layer receives."""

from __future__ import annotations

import numpy as np
import torch

from xray.models.architectures import logits_and_features
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
    with network.lock, torch.inference_mode():
        _, features = logits_and_features(network.module, batch)
    return np.asarray(features[0].cpu().numpy(), np.float32)
