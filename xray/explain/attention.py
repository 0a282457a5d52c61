"""Attention maps of a Vision Transformer: rollout, and rollout weighted by gradients.

The Transformer classifies the mean of its patch tokens, so a map is the mean attention of all tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from xray.explain.capture import capture
from xray.explain.registry import ExplainRequest, register
from xray.models.architectures import as_grid
from xray.models.classifier import Classifier


def no_attention(classifier: Classifier) -> str:
    """Why a network has no attention to follow; empty if it has."""
    if classifier.entry.architecture == "vit_patch16":
        return ""
    return "It needs the attention of a Vision Transformer of this project."


@contextmanager
def attentions(module: nn.Module) -> Iterator[list[Tensor]]:
    """Capture every block's attention (1, heads, T, T), computed without the fused kernel that hides it."""
    blocks: Any = module.blocks
    fused = [block.attn.fused_attn for block in blocks]
    try:
        for block in blocks:
            block.attn.fused_attn = False
        with capture(*(block.attn.attn_drop for block in blocks)) as outputs:
            yield outputs
    finally:
        for block, before in zip(blocks, fused, strict=True):
            block.attn.fused_attn = before


def pooled(relevance: Tensor) -> Tensor:
    """The mean over tokens of a relevance matrix (T, T), as a grid (h, w)."""
    return as_grid(relevance.mean(0)[None, :, None])[0, 0]


@register(
    "rollout",
    title="Attention rollout",
    paper="arXiv:2005.00928",
    cost="one pass",
    values="share of attention that a location gets, the same for every finding",
    unfit=no_attention,
    layer="blocks",
)
def rollout(request: ExplainRequest) -> Tensor:
    """Attention (mean of the heads, half of it kept in place) multiplied through (Abnar and Zuidema 2020)."""
    with request.classifier.lock, torch.no_grad(), attentions(request.classifier.module) as kept:
        request.classifier.module(request.batch)
    through = torch.eye(kept[0].shape[-1])
    for attention in kept:
        through = (attention[0].mean(0).cpu() + torch.eye(len(through))) / 2 @ through
    return pooled(through).expand(len(request.findings), -1, -1)


@register(
    "gradient-rollout",
    title="Attention weighted by gradients",
    paper="arXiv:2103.15679",
    cost="one pass",
    values="attention that a location gets and that raises the finding's logit; never negative",
    unfit=no_attention,
    layer="blocks",
)
def gradient_rollout(request: ExplainRequest) -> Tensor:
    """Chefer et al. 2021: positive gradient times attention, mean of the heads, added up block by block."""
    with request.classifier.lock, torch.enable_grad(), attentions(request.classifier.module) as kept:
        logits = request.classifier.module(request.batch.clone().requires_grad_())
        gradients = [
            torch.autograd.grad(logits[0, index], kept, retain_graph=True) for index in request.findings
        ]
    maps = []
    for slopes in gradients:
        start = torch.eye(kept[0].shape[-1])
        relevance = start
        for attention, slope in zip(kept, slopes, strict=True):
            raising = (attention.detach() * slope).clamp_min(0)[0].mean(0).cpu()  # (T, T)
            relevance = relevance + raising @ relevance
        maps.append(pooled(relevance - start))
    return torch.stack(maps)
