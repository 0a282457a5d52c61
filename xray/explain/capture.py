"""One forward pass for all findings: the graph starts at the target layer, gradients come in one batch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from xray.models.architectures import as_grid


@dataclass(frozen=True, eq=False)
class Trace:
    """Logits (1, K), the target layer's activations (C, h, w), each logit's gradients there (K, C, h, w)."""

    logits: Tensor
    activations: Tensor
    gradients: Tensor


@contextmanager
def graph_cut_at(layer: nn.Module) -> Iterator[list[Tensor]]:
    """Within, the layer's output is a fresh leaf: nothing before it is recorded, nothing after overwrites it.

    The network goes on with a clone, since an in-place ReLU right after the layer (DenseNet's) would
    otherwise change the leaf. The hook is gone afterwards, whatever happened within.
    """
    leaves: list[Tensor] = []

    def cut(_module: nn.Module, _inputs: Any, output: Tensor) -> Tensor:
        leaves.append(output.detach().requires_grad_())
        return leaves[-1].clone()

    handle = layer.register_forward_hook(cut)
    try:
        yield leaves
    finally:
        handle.remove()


def trace(module: nn.Module, layer: nn.Module, batch: Tensor) -> Trace:
    """Run one film (1, 3, S, S) once, then the head backwards once for all K logits together."""
    with torch.enable_grad(), graph_cut_at(layer) as leaves:
        logits = module(batch)  # (1, K)
        leaf = leaves[-1]  # (1, C, h, w)
        one_finding_each = torch.eye(logits.shape[1], device=logits.device)[:, None]  # (K, 1, K)
        (gradients,) = torch.autograd.grad(logits, leaf, one_finding_each, is_grads_batched=True)
    # gradients: (K, 1, C, h, w) or (K, 1, T, C)
    return Trace(logits.detach(), as_grid(leaf.detach())[0], as_grid(gradients[:, 0]))
