"""AttnLRP: layer-wise relevance propagation through a Vision Transformer (arXiv:2402.05602).

Relevance is input times gradient of a network whose layers are replaced by equal ones with another gradient,
so that the rules of Achtibat et al. 2024 hold: epsilon rule (epsilon 0) for linear layers, identity rule for
GELU and the division by a LayerNorm's deviation, Taylor expansion with bias for softmax, and equal halves
for the two factors of a product.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from xray.explain.attention import no_attention
from xray.explain.capture import capture
from xray.explain.registry import ExplainRequest, register


def layer_norm(layer: Any, tokens: Tensor) -> Tensor:
    """LayerNorm with a constant deviation."""
    deviation = (tokens.var(-1, correction=0, keepdim=True) + layer.eps).sqrt().detach()
    return (tokens - tokens.mean(-1, keepdim=True)) / deviation * layer.weight + layer.bias


def gelu(_layer: Any, values: Tensor) -> Tensor:
    """GELU as a product with a constant, the normal distribution function."""
    return values * torch.special.ndtr(values).detach()


def attention(layer: Any, tokens: Tensor) -> Tensor:
    """Self-attention (1, T, C) to (1, T, C), with half the gradient for each factor of both products."""
    heads = layer.qkv(tokens).unflatten(2, (3, layer.num_heads, layer.head_dim))
    queries, keys, values = halved(heads).permute(2, 0, 3, 1, 4)  # each (1, heads, T, C / heads)
    shares = (queries @ keys.mT * layer.scale).softmax(-1)
    return layer.proj((halved(shares) @ values).transpose(1, 2).flatten(2))


def halved(values: Tensor) -> Tensor:
    """The same values with half the gradient."""
    return (values + values.detach()) / 2


@contextmanager
def attnlrp_rules(module: nn.Module) -> Iterator[None]:
    """Replace the outputs of layers by those of the functions above within a with block."""
    from timm.layers import Attention

    rules = {nn.LayerNorm: layer_norm, nn.GELU: gelu, Attention: attention}
    with ExitStack() as hooks:
        for layer in module.modules():
            for kind, rule in rules.items():
                if isinstance(layer, kind):
                    handle = layer.register_forward_hook(
                        lambda layer, inputs, _output, rule=rule: rule(layer, inputs[0])
                    )
                    hooks.callback(handle.remove)
        yield


@register(
    "attnlrp",
    title="AttnLRP",
    paper="arXiv:2402.05602",
    cost="one pass",
    values="share of the finding's logit that comes from the patch of a location; signed",
    unfit=no_attention,
    layer="patch_embed",
)
def attnlrp(request: ExplainRequest) -> Tensor:
    """Compute raw maps (n, h, w): relevance of the patch embeddings.

    Biases and position embeddings receive the rest of the logit. The convolutions before the patch embedding
    are not crossed.
    """
    module: Any = request.classifier.module
    with (
        request.classifier.lock,
        torch.enable_grad(),
        attnlrp_rules(module),
        capture(module.patch_embed, cut=True) as outputs,
    ):
        logits = module(request.batch)
        patches = outputs[0]  # (1, h, w, C)
        slopes = [
            torch.autograd.grad(logits[0, finding], patches, retain_graph=True)[0]
            for finding in request.findings
        ]
    return (torch.cat(slopes) * patches.detach()).sum(-1)
