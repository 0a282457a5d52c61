"""Attention maps against an independent implementation."""

import copy
from functools import partial

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.explain.test_method_truth import film, maps_of
from xray.explain.attention import attentions
from xray.models.classifier import load_classifier


def vit_written_out() -> tuple[nn.Module, list[Tensor]]:
    """The bundled Transformer with an independent attention, and the list of its (1, heads, T, T)."""
    module, kept = copy.deepcopy(load_classifier("pneumonia-vit").module), []

    def attend(layer, tokens, **_options):
        queries, keys, values = layer.qkv(tokens).unflatten(2, (3, 4, 64)).permute(2, 0, 3, 1, 4)
        shares = (queries @ keys.mT / 64**0.5).softmax(-1)
        kept.append(shares)
        return layer.proj((shares @ values).transpose(1, 2).flatten(2))

    for block in module.blocks:
        block.attn.forward = partial(attend, block.attn)
    return module, kept


def test_opened_attention_answers_as_before():
    module, batch = load_classifier("pneumonia-vit").module, film(96, 96)
    with torch.no_grad():
        fused = module(batch)
        with attentions(module) as kept:
            opened = module(batch)
    written, shares = vit_written_out()
    torch.testing.assert_close(opened, fused, atol=1e-5, rtol=0)
    torch.testing.assert_close(written(batch), fused, atol=1e-5, rtol=0)
    torch.testing.assert_close(torch.cat(kept), torch.cat(shares))


def test_rollout_by_its_equations():
    written, shares = vit_written_out()
    written(film(96, 96))
    through = np.eye(36)
    for layer in shares:
        through = (layer[0].mean(0).numpy() + np.eye(36)) / 2 @ through
    maps = maps_of("rollout", load_classifier("pneumonia-vit"), film(96, 96), [0, 1])
    assert maps == pytest.approx(np.tile(through.mean(0).reshape(6, 6), (2, 1, 1)), abs=1e-6)
    assert maps.sum((1, 2)) == pytest.approx([1, 1], abs=1e-5)


def test_gradient_rollout_by_its_equations():
    maps = maps_of("gradient-rollout", load_classifier("pneumonia-vit"), film(96, 96), [1, 0])
    for finding, raw_map in zip((1, 0), maps, strict=True):
        written, shares = vit_written_out()
        logits = written(film(96, 96).requires_grad_())
        for layer in shares:
            layer.retain_grad()
        logits[0, finding].backward()
        relevance = np.eye(36)
        for layer in shares:
            raising = (layer.grad * layer.detach()).relu()[0].mean(0).numpy()
            relevance = relevance + raising @ relevance
        expected = (relevance - np.eye(36)).mean(0).reshape(6, 6)
        assert raw_map.max() > 0
        assert raw_map == pytest.approx(expected, rel=1e-3, abs=1e-4 * expected.max())
