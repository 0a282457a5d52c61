"""LeGrad: the sensitivity of a Vision Transformer's attention, summed over all blocks (arXiv:2404.03214)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from xray.explain.attention import attentions, no_attention
from xray.explain.capture import capture
from xray.explain.registry import ExplainRequest, register
from xray.models.architectures import as_grid


@register(
    "legrad",
    title="LeGrad",
    paper="arXiv:2404.03214",
    cost="one pass",
    values="how much attention to a location raises the finding's logit, mean of all blocks; never negative",
    unfit=no_attention,
    layer="blocks",
)
def legrad(request: ExplainRequest) -> Tensor:
    """Compute raw maps (n, h, w) by equations 4 to 8 of Bousselham et al. 2024.

    The head reads the tokens after every block. The gradient of each of these logits by the attention of the
    same block is clipped at 0 and averaged over heads, queries and blocks. Values are not scaled to [0, 1].
    """
    module: Any = request.classifier.module
    film = request.batch.clone().requires_grad_()  # the gradients of the weights are off
    with request.classifier.lock, torch.enable_grad():
        with attentions(module) as kept, capture(*module.blocks) as tokens:
            module.forward_features(film)
        logits = module.forward_head(module.norm(torch.cat(tokens)))  # (blocks, K)
        maps = []
        for finding in request.findings:
            slopes = [
                torch.autograd.grad(logit[finding], attention, retain_graph=True)[0]
                for logit, attention in zip(logits, kept, strict=True)
            ]
            maps.append(torch.cat(slopes).clamp_min(0).mean((0, 1, 2)))  # (blocks, heads, T, T) to (T)
    return as_grid(torch.stack(maps)[:, :, None])[:, 0]
