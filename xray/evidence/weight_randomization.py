"""Copies of a model with random weights in its last layers, from a fixed seed."""

from __future__ import annotations

import copy
from threading import Condition
from typing import Any

import torch
from cachetools import LRUCache, cached
from torch import nn

from xray.models.classifier import Classifier
from xray.models.copies import sharing
from xray.models.ensemble import Ensemble
from xray.models.seeded import Seeded

Model = Classifier | Ensemble
SHARES = (0.1, 0.25, 0.5, 0.75, 1.0)  # of the layers randomized, counted from the output


def randomized(model: Model, share: float, seed: int = 0) -> Model:
    """Copy a model and randomize a share of its layers, counted from the output.

    Args:
        model: The model; of an ensemble every member is randomized.
        share: Share of the layers, in (0, 1].
        seed: Seed of the weights.
    """
    if isinstance(model, Ensemble):
        return Ensemble(model.entry, tuple(_randomized(member, share, seed) for member in model.members))
    return _randomized(model, share, seed)


@cached(LRUCache(maxsize=3 * len(SHARES)), condition=Condition())
def _randomized(classifier: Classifier, share: float, seed: int) -> Classifier:
    untrained = _untrained(classifier, seed)
    if share == 1:
        return untrained
    module = sharing(classifier.module)
    layers, random = (_layers(each)[::-1] for each in (module, untrained.module))
    for layer, other in list(zip(layers, random, strict=True))[: max(1, round(share * len(layers)))]:
        layer._parameters, layer._buffers = other._parameters, other._buffers
    return Classifier(classifier.entry, module, classifier.device)


@cached(LRUCache(maxsize=4), condition=Condition())
def _untrained(classifier: Classifier, seed: int) -> Classifier:
    """Copy a network and randomize all layers, the last one first: every share has the same weights."""
    module = copy.deepcopy(classifier.module).cpu()
    generator = torch.Generator().manual_seed(seed)
    with Seeded(generator):
        for layer in _layers(module)[::-1]:
            _reinitialize(layer, generator)
    return Classifier(classifier.entry, module, classifier.device)


def _layers(module: nn.Module) -> list[nn.Module]:
    """The modules with weights, in the order of the network."""
    return [
        layer
        for layer in module.modules()
        if hasattr(layer, "reset_parameters") or [*layer.parameters(recurse=False)]
    ]


def _reinitialize(layer: Any, generator: torch.Generator) -> None:
    """Reset a layer, with weights that keep the scale of activations (He et al. 2015).

    Parameters outside standard layers (tokens, positions) get normal values with their previous deviation.
    """
    if hasattr(layer, "reset_parameters"):
        layer.reset_parameters()
        if getattr(layer, "weight", None) is not None and layer.weight.ndim > 1:
            nn.init.kaiming_normal_(layer.weight)
        return
    with torch.no_grad():
        for values in layer.parameters(recurse=False):
            values.copy_(torch.randn(values.shape, generator=generator) * values.std(correction=0))
