"""Layer outputs captured by hooks, and one forward pass for the gradients of all findings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from xray.models.architectures import as_grid


@dataclass(frozen=True, eq=False)
class Trace:
    """Logits (1, K), the target layer's activations (C, h, w), each logit's gradients there (K, C, h, w)."""

    logits: Tensor
    activations: Tensor
    gradients: Tensor


@contextmanager
def capture(
    *layers: nn.Module, cut: bool = False, replacement: Tensor | None = None
) -> Iterator[list[Tensor]]:
    """Capture the outputs of layers within a with block; the hooks are removed also after a failure.

    The network goes on with a clone of each output, since an in-place ReLU right after the layer (DenseNet's)
    would otherwise change what was captured.

    Args:
        layers: The layers, in the order in which the network runs through them.
        cut: Whether the first output becomes a new leaf that requires gradients, so that nothing before it
            is recorded.
        replacement: What the network goes on with in place of every output.

    Yields:
        The outputs, a list that grows with every call of a layer.
    """
    outputs: list[Tensor] = []

    def hook(_module: nn.Module, _inputs: Any, output: Tensor) -> Tensor:
        outputs.append(output.detach().requires_grad_() if cut and not outputs else output)
        return outputs[-1].clone() if replacement is None else replacement

    handles: list[RemovableHandle] = []
    try:
        handles += [layer.register_forward_hook(hook) for layer in layers]
        yield outputs
    finally:
        for handle in handles:
            handle.remove()


def trace(module: nn.Module, layer: nn.Module, batch: Tensor) -> Trace:
    """Run one film (1, 3, S, S) once, then backpropagate once for all K logits, down to the layer."""
    with torch.enable_grad(), capture(layer, cut=True) as outputs:
        logits = module(batch)  # (1, K)
        leaf = outputs[-1]  # (1, C, h, w)
        one_finding_each = torch.eye(logits.shape[1], device=logits.device)[:, None]  # (K, 1, K)
        (gradients,) = torch.autograd.grad(logits, leaf, one_finding_each, is_grads_batched=True)
    # gradients: (K, 1, C, h, w) or (K, 1, T, C)
    return Trace(logits.detach(), as_grid(leaf.detach())[0], as_grid(gradients[:, 0]))
