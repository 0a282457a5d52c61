"""From a registry entry to its network, by the kind of the entry."""

from __future__ import annotations

from torch import nn

from xray.models import huggingface, torchxrayvision
from xray.models.architectures import build
from xray.models.registry import ModelEntry
from xray.models.weights import load_weights


def module_of(entry: ModelEntry) -> nn.Module:
    """The network of an entry, filled with its weights, giving logits (n, K). Raises ModelUnavailable."""
    if entry.kind == "torchxrayvision":
        return torchxrayvision.module_of(entry)
    if entry.kind == "huggingface":
        return huggingface.module_of(entry)
    module = build(entry.architecture, len(entry.findings))
    load_weights(module, entry)
    fuse = getattr(module, "fuse", None)  # of YOLO: every convolution takes in its batch normalization
    if fuse:
        fuse(verbose=False)
    return module
