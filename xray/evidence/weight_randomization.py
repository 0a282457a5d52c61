"""A model that has forgotten its last layers, as if it had never been trained; always the same draw."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn

from xray.models.classifier import Classifier
from xray.models.ensemble import Ensemble

Model = Classifier | Ensemble
SHARES = (0.1, 0.25, 0.5, 0.75, 1.0)  # of the layers forgotten, counted from the answer


def forgetful(model: Model, share: float) -> Model:
    """A copy whose last share of layers is drawn anew; of an ensemble, every member's."""
    if isinstance(model, Ensemble):
        return Ensemble(model.entry, tuple(_forgetful(member, share) for member in model.members))
    return _forgetful(model, share)


def _forgetful(classifier: Classifier, share: float) -> Classifier:
    module = copy.deepcopy(classifier.module).cpu()
    layers = [one for one in module.modules() if hasattr(one, "reset_parameters") or [*one.parameters(False)]]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for layer in layers[::-1][: max(1, round(share * len(layers)))]:  # the same draw for every share
            draw_anew(layer)
    return Classifier(classifier.entry, module, classifier.device)


def draw_anew(layer: Any) -> None:
    """As layers begin, but of a spread (He et al. 2015) that keeps the size of what goes through; parameters
    of no layer of their own (tokens, positions) as scattered as they were.
    """
    if hasattr(layer, "reset_parameters"):
        layer.reset_parameters()
        if getattr(layer, "weight", None) is not None and layer.weight.ndim > 1:
            nn.init.kaiming_normal_(layer.weight)
        return
    with torch.no_grad():
        for values in layer.parameters(recurse=False):
            values.copy_(torch.randn_like(values) * values.std(correction=0))
