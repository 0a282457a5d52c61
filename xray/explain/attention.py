"""Where a Vision Transformer's attention goes: rollout, and rollout weighted by gradients.

Our Transformer classifies the mean of its patch tokens, so a map is the mean over tokens of where each looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from xray.explain.registry import Asked, register
from xray.models.architectures import as_grid
from xray.models.classifier import Classifier


def no_attention(classifier: Classifier) -> str:
    if classifier.entry.architecture == "vit_patch16":
        return ""
    return "It follows the attention of a Vision Transformer of this project, and this network has none."


@contextmanager
def attentions(module: nn.Module) -> Iterator[list[Tensor]]:
    """Within, every block's attention (1, heads, T, T) is kept, calculated openly; then all is as before."""
    kept: list[Tensor] = []
    blocks: Any = module.blocks
    fused = [block.attn.fused_attn for block in blocks]
    handles = [
        block.attn.attn_drop.register_forward_hook(lambda _module, _inputs, output: kept.append(output))
        for block in blocks
    ]
    try:
        for block in blocks:
            block.attn.fused_attn = False
        yield kept
    finally:
        for block, before, handle in zip(blocks, fused, handles, strict=True):
            block.attn.fused_attn = before
            handle.remove()


def pooled(relevance: Tensor) -> Tensor:
    """What each token is worth (T, T) to the mean of all, as a grid (h, w)."""
    return as_grid(relevance.mean(0)[None, :, None])[0, 0]


@register(
    "rollout",
    title="Attention rollout",
    paper="arXiv:2005.00928",
    cost="one pass",
    values="the share of the answer's attention that a place gets, the same for every finding",
    unfit=no_attention,
)
def rollout(asked: Asked) -> Tensor:
    """Attention (mean of the heads, half of it kept in place) multiplied through (Abnar and Zuidema 2020)."""
    with asked.classifier.lock, torch.no_grad(), attentions(asked.classifier.module) as kept:
        asked.classifier.module(asked.batch)
    through = torch.eye(kept[0].shape[-1])
    for attention in kept:
        through = (attention[0].mean(0).cpu() + torch.eye(len(through))) / 2 @ through
    return pooled(through).expand(len(asked.findings), -1, -1)


@register(
    "gradient-rollout",
    title="Attention weighted by gradients",
    paper="arXiv:2103.15679",
    cost="one pass",
    values="the attention a place gets that raises the finding's logit; never negative",
    unfit=no_attention,
)
def gradient_rollout(asked: Asked) -> Tensor:
    """Chefer et al. 2021: positive gradient times attention, mean of the heads, added up block by block."""
    with asked.classifier.lock, torch.enable_grad(), attentions(asked.classifier.module) as kept:
        logits = asked.classifier.module(asked.batch.clone().requires_grad_())
        slopes = [torch.autograd.grad(logits[0, one], kept, retain_graph=True) for one in asked.findings]
    maps = []
    for own in slopes:
        start = torch.eye(kept[0].shape[-1])
        relevance = start
        for attention, slope in zip(kept, own, strict=True):
            raising = (attention.detach() * slope).clamp_min(0)[0].mean(0).cpu()  # (T, T)
            relevance = relevance + raising @ relevance
        maps.append(pooled(relevance - start))
    return torch.stack(maps)
